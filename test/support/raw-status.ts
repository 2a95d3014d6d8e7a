import { connect } from 'node:net'

/** The status of an answer to a request line written byte for byte: nothing on this side looks at its target. */
export function rawStatus(origin: string, target: string | Buffer): Promise<number> {
  const { hostname, port } = new URL(origin)
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const socket = connect(Number(port), hostname)
  let answer = ''
  socket.setEncoding('latin1')
  socket.on('data', (text) => {
    answer += text
  })
  socket.on('error', reject)
  socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1])))
  const lines = ['GET ', target, ' HTTP/1.1\r\nHost: reader.test\r\nConnection: close\r\n\r\n']
  socket.end(Buffer.concat(lines.map((part) => Buffer.from(part))))
  return promise
}
