import type { Server } from 'node:http'
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
