import { decompress, hashOf } from '#shared/domain/codec.ts'
import type { HttpResult } from '#shared/http/problem.ts'
import { acceptsBrotli, matchesEtag } from '#shared/read/headers.ts'
import type { ReadRequest } from '#shared/read/request.ts'

/** Loads a file from beside the bundle by its path there, such as `openapi.json`, as brotli bytes; `undefined` without one. */
export type LoadFile = (path: string) => Promise<Uint8Array | undefined>

/** The headers of a file that its content does not determine. */
type FileHeaders = Readonly<Record<'content-type' | 'cache-control', string>> &
  Readonly<Record<string, string>>

/** Files from beside the bundle, each loaded by its first request; a failed load is repeated by the next one. */
export class StaticFiles {
  readonly #load: LoadFile
  readonly #loading = new Map<string, Promise<Uint8Array | undefined>>()

  constructor(load: LoadFile) {
    this.#load = load
  }

  /** The file as a response, with brotli where the client accepts it, or 304; `undefined` if there is no such file. */
  async respond(path: string, headers: FileHeaders, request: ReadRequest): Promise<HttpResult | undefined> {
    const bytes = await this.#bytes(path)
    return bytes && fileResponse(bytes, headers, request)
  }

  #bytes(path: string): Promise<Uint8Array | undefined> {
    const loading = this.#loading.get(path)
    if (loading) return loading
    const started = this.#load(path)
    this.#loading.set(path, started)
    // a missing file is not remembered: clients choose the names
    const forget = () => this.#loading.delete(path)
    started.then((bytes) => bytes ?? forget(), forget)
    return started
  }
}

function fileResponse(
  bytes: Uint8Array,
  { 'content-type': contentType, ...others }: FileHeaders,
  { method, headers: requestHeaders }: ReadRequest,
): HttpResult {
  const etag = `W/"${hashOf(bytes)}"`
  const headers = { ...others, etag, vary: 'Accept-Encoding', 'x-content-type-options': 'nosniff' }
  if (matchesEtag(requestHeaders['if-none-match'], etag))
    return { statusCode: 304, headers, body: '', isBase64Encoded: false }
  const isEncoded = acceptsBrotli(requestHeaders['accept-encoding'])
  const content = {
    ...headers,
    'content-type': contentType,
    ...(isEncoded ? { 'content-encoding': 'br' } : {}),
  }
  const body = method === 'HEAD' ? '' : Buffer.from(isEncoded ? bytes : decompress(bytes)).toString('base64')
  return { statusCode: 200, headers: content, body, isBase64Encoded: body !== '' }
}
