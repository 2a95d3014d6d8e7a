import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'

const HOST = '127.0.0.1'

/**
 * Starts a server on the loopback address. It never closes a connection for lack of requests: after a stall of this
 * process, the timer of an idle connection would fire before the request that has arrived on it is read.
 *
 * @returns its origin, such as `http://127.0.0.1:8787`
 * @throws the error of `listen`: `EADDRINUSE`, `EACCES`
 */
export async function listen(server: Server, port = 0): Promise<string> {
  server.keepAliveTimeout = 0
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, HOST, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return `http://${HOST}:${(server.address() as AddressInfo).port}`
}

/** Stops accepting connections; open requests have `graceMs` to finish, then all connections are destroyed. */
export async function closeServer(server: Server, graceMs = 0): Promise<void> {
  const closed = new Promise<void>((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()))
  })
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), graceMs)
  try {
    await closed
  } finally {
    clearTimeout(timer)
  }
}

/**
 * The complete body of a request.
 *
 * @returns `undefined` when it is larger than `maxBytes`; the remainder is read and discarded
 * @throws when the client disconnects before the end
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
