import { type HttpResult, problem } from '#shared/http/problem.ts'
import type { ReadRequest } from '#shared/read/request.ts'
import type { StaticFiles } from './static-files.ts'

/** The first file: it names all others by their hashes. */
const INDEX = 'index.html'

/** Names that the build gives, which contain a hash. They are no paths, so that no other file can be read. */
const FILE_NAME = /^[a-z0-9-]+\.[A-Z0-9]{8}\.(js|css|svg|png)$/

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
}

/** A document loads only what comes from this origin, and no frame contains it. */
const DOCUMENT_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/**
 * Serves a file of the page: the index without a name. The names of the others contain a hash, so that clients may keep
 * them for ever.
 */
export async function pageResponse(
  name: string | undefined,
  files: StaticFiles,
  request: ReadRequest,
): Promise<HttpResult> {
  const extension = name === undefined ? undefined : FILE_NAME.exec(name)?.[1]
  const headers =
    extension === undefined
      ? { ...DOCUMENT_HEADERS, 'cache-control': 'no-cache' }
      : {
          'content-type': CONTENT_TYPES[extension] ?? 'application/octet-stream',
          'cache-control': 'public, max-age=31536000, immutable',
        }
  const isServed = name === undefined || extension !== undefined
  const response = isServed ? await files.respond(`ui/${name ?? INDEX}`, headers, request) : undefined
  return response ?? problem({ status: 404, message: 'The page has no file of this name' })
}

const NOT_FOUND = 'No dataset is served at this path'

/** The answer to an unknown path: a document for a browser, else problem details. */
export function notFound({ method, headers: { accept } }: ReadRequest): HttpResult {
  const wantsDocument = accept?.split(',').some((type) => type.trim().startsWith('text/html')) ?? false
  if (!wantsDocument) return problem({ status: 404, message: NOT_FOUND })
  const document = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Not found: Freshet</title><h1>Not found</h1><p>${NOT_FOUND}.</p><p><a href="/">All datasets</a></p></html>`
  return {
    statusCode: 404,
    headers: { ...DOCUMENT_HEADERS, 'cache-control': 'no-store', vary: 'Accept' },
    body: method === 'HEAD' ? '' : document,
    isBase64Encoded: false,
  }
}
