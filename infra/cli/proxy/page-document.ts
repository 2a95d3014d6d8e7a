import type { SmokeResponse } from '#infra/command/client.ts'
import { CliError } from '../cli-error.ts'

/**
 * The first document of the page, which is marked as signed, and has the secret of a new session for its script. No cache
 * keeps it. Its preloads are removed: the browser sends them without the secret. An error of the system stays as it is.
 *
 * @param secret - base64url; `undefined` for a page that has its secret already, or has none
 * @throws {CliError} with what to do, if the system has no page
 */
export function signedDocument(response: SmokeResponse, secret: string | undefined): SmokeResponse {
  if (response.status !== 200) return response
  const html = response.body.toString('utf8')
  if (!html.includes('<html '))
    throw new CliError('/: expected the page of Freshet, got another document', {
      hint: 'Name the system with --url or --stage, or deploy a version that has the page.',
    })
  const session = secret === undefined ? '' : ` data-session="${secret}"`
  const body = Buffer.from(
    html
      .replace('<html ', `<html data-signed="true"${session} `)
      .replaceAll(/<link rel="preload"[^>]*>/g, ''),
  )
  const { etag: _etag, 'last-modified': _modified, ...headers } = response.headers
  return { status: 200, headers: { ...headers, 'cache-control': 'no-store' }, body }
}
