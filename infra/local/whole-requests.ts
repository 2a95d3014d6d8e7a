import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'

/** What is known of the requests of a server. */
interface RequestTracker {
  /** Waits until every request that arrived has been answered, also those whose client is gone; so long at most. */
  drain(patienceMs: number): Promise<void>
}

/**
 * Hands requests to a server's listener only once they have arrived whole: dynalite ends its process when a client
 * dies in the middle of a body, as a worker does that is terminated.
 */
export function bufferRequests(server: Server): RequestTracker {
  let underWay = 0
  let onIdle: (() => void) | undefined
  const answered = () => {
    underWay -= 1
    if (underWay === 0) onIdle?.()
  }
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
      underWay += 1
      const end = response.end.bind(response) as (...what: unknown[]) => ServerResponse
      response.end = ((...what: unknown[]) => {
        answered()
        return end(...what)
      }) as typeof response.end
      // a stream with the members of a request: whoever listens reads nothing else of it
      for (const listener of listeners) listener(whole as unknown as IncomingMessage, response)
    })
  })
  return {
    drain: (patienceMs) =>
      new Promise((resolve) => {
        if (underWay === 0) return resolve()
        onIdle = resolve
        setTimeout(resolve, patienceMs).unref()
      }),
  }
}
