import { decompress, hashOf } from '#shared/domain/codec.ts'
import type { HttpResult } from '#shared/http/problem.ts'
import { acceptsBrotli, matchesEtag } from '#shared/read/headers.ts'
import type { ReadRequest } from '#shared/read/request.ts'

/** Loads the finished document, brotli. */
export type LoadDocument = () => Promise<Uint8Array>

/** It changes with a deployment only. */
const MAX_AGE_S = 300

/** Answers with the finished document's bytes, which are loaded when they are first asked for. */
export function openApiHandler(load: LoadDocument): (request: ReadRequest) => Promise<HttpResult> {
  let loading: Promise<Uint8Array> | undefined

  return async ({ method, headers: asked }) => {
    loading ??= load().catch((error) => {
      loading = undefined
      throw error
    })
    const bytes = await loading
    const etag = `W/"${hashOf(bytes)}"`
    const headers = {
      etag,
      'cache-control': `public, max-age=${MAX_AGE_S}`,
      vary: 'Accept-Encoding',
      'x-content-type-options': 'nosniff',
    }
    if (matchesEtag(asked['if-none-match'], etag)) {
      return { statusCode: 304, headers, body: '', isBase64Encoded: false }
    }
    const content = { ...headers, 'content-type': 'application/json' }
    const isHead = method === 'HEAD'
    if (!acceptsBrotli(asked['accept-encoding'])) {
      const body = isHead ? '' : decompress(bytes).toString('utf8')
      return { statusCode: 200, headers: content, body, isBase64Encoded: false }
    }
    const body = isHead ? '' : Buffer.from(bytes).toString('base64')
    const encoded = { ...content, 'content-encoding': 'br' }
    return { statusCode: 200, headers: encoded, body, isBase64Encoded: !isHead }
  }
}
