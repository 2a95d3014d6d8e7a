import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createSocketServer, type Server, type Socket } from 'node:net'
import { type OnCleanup, onTestCleanup } from '#test/support/temporary/cleanup.ts'

/** An HTTP server on 127.0.0.1 for the length of one test; its origin. */
export function listenHttp(answer: RequestListener, atEnd?: OnCleanup): Promise<string> {
  return listen(createServer(answer), 'http', atEnd)
}

/** Hands each connection to `talk` once a request has arrived on it: what HTTP servers would never say. */
export function listenRaw(talk: (socket: Socket) => void): Promise<string> {
  const server = createSocketServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => talk(socket))
  })
  return listen(server, 'http')
}

/** Any server on 127.0.0.1 for the length of one test; its origin. Open connections are cut at the end. */
export async function listen(
  server: Server,
  scheme: 'http' | 'https',
  atEnd: OnCleanup = onTestCleanup,
): Promise<string> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atEnd(async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  })
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const CLIENT_SOCKETS = 'net.client.socket'

/** Counts the sockets that this process opens towards anybody, for the length of one test. */
export function countSockets(): () => number {
  let opened = 0
  const count = () => {
    opened += 1
  }
  subscribe(CLIENT_SOCKETS, count)
  onTestCleanup(async () => {
    unsubscribe(CLIENT_SOCKETS, count)
  })
  return () => opened
}
