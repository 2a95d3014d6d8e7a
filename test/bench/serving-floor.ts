import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'

/*
 * A server of its own process for the bench of throughput. Without an argument it answers a constant; with the path of a
 * bundle it calls the bundle's handler with the event that the gateway would send.
 */

interface Result {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly isBase64Encoded?: boolean
}

const file = process.argv[2]
const handler =
  file === undefined
    ? undefined
    : (
        createRequire(import.meta.url)(file) as {
          handler: (event: object, context: object) => Promise<Result>
        }
      ).handler

const server = createServer(async (request, response) => {
  if (!handler) return response.writeHead(200, { 'content-length': 5 }).end('hello')
  const path = request.url ?? '/'
  const {
    statusCode,
    headers,
    body = '',
    isBase64Encoded,
  } = await handler(
    {
      version: '2.0',
      routeKey: `GET ${path}`,
      rawPath: path,
      headers: request.headers,
      requestContext: { requestId: 'bench', http: { method: 'GET', path } },
    },
    {},
  )
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8')
  return response.writeHead(statusCode, { ...headers, 'content-length': bytes.length }).end(bytes)
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
