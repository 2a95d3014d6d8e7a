import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'

const HOST = '127.0.0.1'

/**
 * Starts a server on the loopback address.
 *
 * @returns its origin, such as `http://127.0.0.1:8787`
 * @throws what listening fails with: `EADDRINUSE`, `EACCES`
 */
export async function listen(server: Server, port = 0): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, HOST, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return `http://${HOST}:${(server.address() as AddressInfo).port}`
}

/** Stops accepting at once; answers under way get `graceMs`, then every connection is cut. */
export async function closeServer(server: Server, graceMs = 0): Promise<void> {
  const closed = new Promise<void>((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()))
  })
  server.closeIdleConnections()
  const cut = setTimeout(() => server.closeAllConnections(), graceMs)
  try {
    await closed
  } finally {
    clearTimeout(cut)
  }
}

/**
 * A request's whole body.
 *
 * @returns `undefined` when it is larger than `maxBytes`; the rest of it is then read and dropped
 * @throws when the client goes away before its end
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= maxBytes) chunks.push(chunk)
    else chunks.length = 0
  }
  return size <= maxBytes ? Buffer.concat(chunks) : undefined
}
