import { UsageError } from '#infra/command/report-user-errors.ts'
import type { Dataset, NewDatasetOptions } from './dataset.ts'

/** Names of query parameters that would be written into the project although they are secret. */
const SECRET = /key|token|secret|signature|password|auth/i

/**
 * The base URL of a new provider: of `--host`, a host or a URL, or of the URL of the sample.
 *
 * @throws {UsageError} without either, and for one that is not https
 */
export function newBaseUrl(upstream: string, host: string | undefined, sampleUrl: URL | undefined): string {
  if (host === undefined && sampleUrl?.protocol === 'https:') return `https://${sampleUrl.host}`
  if (host === undefined)
    throw new UsageError(
      `--host: expected the host of ${upstream}, which no file of shared/upstreams/ declares, such as api.example.com; got nothing`,
    )
  const url = URL.parse(/^[a-z]+:\/\//i.test(host) ? host : `https://${host}`)
  const isPlain = url && url.search === '' && url.hash === '' && url.username === '' && url.password === ''
  if (!isPlain || url.protocol !== 'https:' || !url.hostname.includes('.'))
    throw new UsageError(
      `--host: expected a host or an https URL without a query, got ${JSON.stringify(host)}`,
    )
  return url.href.replace(/\/$/, '')
}

/**
 * The call that answers as the sample: `--call`, the path and query of the sample's URL, or else a path of the job's name.
 *
 * @param baseUrl - the provider's: the path of the call is below its path
 * @throws {UsageError} for a path that does not begin with a slash, and a query with a credential
 */
export function callOf(
  { job, call }: Pick<NewDatasetOptions, 'job' | 'call'>,
  sampleUrl: URL | undefined,
  baseUrl: string,
): Dataset['call'] {
  const text = call ?? (sampleUrl && `${sampleUrl.pathname}${sampleUrl.search}`)
  if (text === undefined) return { path: `/${job}`, query: {}, isAssumed: true }
  const url = URL.parse(text, 'https://provider.invalid')
  if (!url || !/^\/[^/]/.test(text))
    throw new UsageError(
      `--call: expected a path such as /v2/tickers?venue=spot, got ${JSON.stringify(text)}`,
    )
  const secret = [...url.searchParams.keys()].find((name) => SECRET.test(name))
  if (secret !== undefined)
    throw new UsageError(
      `--call: expected no credential in the query, got ${secret}; see "secret" in docs/upstreams.md for how a provider gets a key`,
    )
  const prefix = call === undefined ? new URL(baseUrl).pathname.replace(/\/$/, '') : ''
  const path = url.pathname.startsWith(`${prefix}/`) ? url.pathname.slice(prefix.length) : url.pathname
  return { path, query: Object.fromEntries(url.searchParams), isAssumed: false }
}
