import { request as httpRequest } from 'node:http'

interface RawRequest {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** Sends any target with any headers, `Host` too, as no browser would; the body is read as text. */
export function rawRequest(origin: string, target: string, { method, headers, body }: RawRequest = {}) {
  const { hostname, port } = new URL(origin)
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }>(
    (resolve, reject) => {
      const outgoing = httpRequest(
        { hostname, port, path: target, method, headers: { ...headers } },
        async (incoming) => {
          const chunks = []
          for await (const chunk of incoming) chunks.push(chunk)
          const text = Buffer.concat(chunks).toString('utf8')
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text })
        },
      )
      outgoing.on('error', reject)
      outgoing.end(body)
    },
  )
}
