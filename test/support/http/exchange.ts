import { type Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'

/** An answer as it came over the wire. */
export interface WireResponse {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface WireRequest {
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: Buffer | string
  /** By default each request has a connection of its own. */
  readonly agent?: Agent
}

/** Sends one request with the target exactly as written: no client rewrites it. */
export function sendRequest(origin: string, target: string, sent: WireRequest = {}): Promise<WireResponse> {
  const { hostname, port } = new URL(origin)
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body, agent = false } = sent
    const outgoing = request({ hostname, port, path: target, method, headers, agent }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: Buffer.concat(chunks),
        }),
      )
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

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
