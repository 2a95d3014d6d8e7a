import { HOUR_MS, SECOND_MS } from '#shared/domain/duration.ts'
import type { HttpResponse } from '#shared/domain/ports/http.ts'
import { codeTable, errorCode, members } from './error-codes.ts'
import type { ProviderFailure } from './provider-failure.ts'

/**
 * Classes of the errors that Cloudflare's edge answers in place of a provider behind it. Those that Cloudflare calls
 * retryable are retried.
 *
 * @see https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-1xxx-errors/
 * @see https://developers.cloudflare.com/changelog/post/2026-03-12-retry-after-header-for-1xxx-errors
 */
const CODES = codeTable([
  { reason: 'rate-limited', codes: [1015] },
  // our address, network, client or request is banned
  { reason: 'refused', codes: [1003, 1005, 1006, 1007, 1008, 1010, 1011, 1012, 1020, 1106] },
  { reason: 'forbidden-region', codes: [1009] },
  // the host cannot be resolved or reached, or the edge is overloaded: it says when to ask again
  { reason: 'upstream-fault', scope: 'item', retryable: true, codes: [1004, 1033, 1038, 1200, 1205] },
  // the provider has configured its host, rules or workers wrongly
  {
    reason: 'upstream-fault',
    scope: 'item',
    codes: [
      1000, 1001, 1002, 1013, 1014, 1016, 1018, 1019, 1023, 1025, 1034, 1035, 1036, 1037, 1040, 1041, 1101,
      1102, 1104,
    ],
  },
])

/** Only the start of a page is searched. */
const MAX_PAGE_LENGTH = 16_384

/**
 * The error of Cloudflare's edge that a response holds, whatever its status: as JSON, as the line `error code: 1015`, or
 * as a page with `Error 1015`. JSON that only mentions such a text is not one.
 *
 * @param body - the parsed body; `undefined` if it is not JSON
 */
export function cloudflareFailure(body: unknown, answer: HttpResponse): ProviderFailure | undefined {
  const json = members(body)
  const { retry_after: retryAfter } = json
  const code = body === undefined ? codeOfText(answer.body) : codeOfJson(json)
  return code === undefined ? undefined : cloudflareError(code, retryAfter)
}

/**
 * The failure of a code of Cloudflare's; an unknown one is a fault.
 *
 * @param retryAfter - the wait in seconds that the body states
 * @returns `undefined` for a number that is not a code of Cloudflare's
 */
export function cloudflareError(code: number, retryAfter?: unknown): ProviderFailure | undefined {
  if (code < 1_000 || code > 1_299) return undefined
  const meaning = CODES.get(code) ?? { reason: 'upstream-fault', scope: 'item' }
  const message = `Cloudflare error ${code}`
  return { ...meaning, message, ...statedWait(retryAfter) }
}

function statedWait(seconds: unknown): Pick<ProviderFailure, 'retryAfterMs'> {
  const value = errorCode(seconds)
  if (value === undefined || value < 0 || value * SECOND_MS > 240 * HOUR_MS) return {}
  return { retryAfterMs: Math.min(value * SECOND_MS, 72 * HOUR_MS) }
}

function codeOfJson(body: Readonly<Record<string, unknown>>): number | undefined {
  const { error_code: code, error_name: name, cloudflare_error: isCloudflare, title } = body
  const isShaped =
    typeof name === 'string' ||
    isCloudflare === true ||
    (typeof title === 'string' && /^Error 1\d{3}\b/.test(title))
  return isShaped ? errorCode(code) : undefined
}

function codeOfText(text: string): number | undefined {
  const start = text.slice(0, MAX_PAGE_LENGTH).trim()
  const [, line] = /^error code: (1\d{3})$/i.exec(start) ?? []
  if (line !== undefined) return Number(line)
  if (!start.startsWith('<')) return undefined
  const [, page] = /\bError\s+(?:code:?\s+)?(1\d{3})\b/i.exec(start.replace(/<[^<>]*>/g, ' ')) ?? []
  return page === undefined ? undefined : Number(page)
}
