import type { IncomingMessage } from 'node:http'

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
