import type { IncomingMessage, RequestListener, Server } from 'node:http'
import { Readable } from 'node:stream'

/**
 * Hands requests to a server's listener only once they have arrived whole: dynalite ends its process when a client
 * dies in the middle of a body, as a worker does that is terminated.
 */
export function acceptWholeRequests(server: Server): void {
  const listeners = server.listeners('request') as RequestListener[]
  server.removeAllListeners('request')
  server.on('request', (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    // the client is gone, and with it the only one who could be told
    request.on('error', () => response.destroy())
    request.on('end', () => {
      const { method, url, headers } = request
      const whole = Object.assign(Readable.from([Buffer.concat(chunks)], { objectMode: false }), {
        method,
        url,
        headers,
      })
      for (const listener of listeners) listener(whole as unknown as IncomingMessage, response)
    })
  })
}
