import { decompress, hashOf } from '#shared/domain/codec.ts'
import type { HttpResult } from '#shared/http/problem.ts'
import { acceptsBrotli, matchesEtag } from '#shared/read/headers.ts'
import type { ReadRequest } from '#shared/read/request.ts'

/** Loads the document as brotli bytes. */
export type LoadDocument = () => Promise<Uint8Array>

/** The document changes only with a deployment. */
const MAX_AGE_S = 300

/** The OpenAPI document, loaded by the first request; a failed load is repeated by the next one. */
export class OpenApiDocument {
  readonly #load: LoadDocument
  #loading: Promise<Uint8Array> | undefined

  constructor(load: LoadDocument) {
    this.#load = load
  }

  async respond({ method, headers: requestHeaders }: ReadRequest): Promise<HttpResult> {
    const bytes = await this.#bytes()
    const etag = `W/"${hashOf(bytes)}"`
    const headers = {
      etag,
      'cache-control': `public, max-age=${MAX_AGE_S}`,
      vary: 'Accept-Encoding',
      'x-content-type-options': 'nosniff',
    }
    if (matchesEtag(requestHeaders['if-none-match'], etag)) {
      return { statusCode: 304, headers, body: '', isBase64Encoded: false }
    }
    const content = { ...headers, 'content-type': 'application/json' }
    const isHead = method === 'HEAD'
    if (!acceptsBrotli(requestHeaders['accept-encoding'])) {
      const body = isHead ? '' : decompress(bytes).toString('utf8')
      return { statusCode: 200, headers: content, body, isBase64Encoded: false }
    }
    const body = isHead ? '' : Buffer.from(bytes).toString('base64')
    const encoded = { ...content, 'content-encoding': 'br' }
    return { statusCode: 200, headers: encoded, body, isBase64Encoded: !isHead }
  }

  #bytes(): Promise<Uint8Array> {
    this.#loading ??= this.#load().catch((error) => {
      this.#loading = undefined
      throw error
    })
    return this.#loading
  }
}
