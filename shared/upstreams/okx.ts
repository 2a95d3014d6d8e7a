import { defineUpstream } from '#shared/declare/upstream.ts'
import type { HttpResponse } from '#shared/domain/ports/http.ts'
import { classify, type ProviderFailure } from './classify.ts'

const LIMIT_CODES = ['50011', '50040']
const BAD_REQUEST_CODES = ['51000', '50014', '50024']
/** Temporary faults of the provider: unavailable, timeout, busy, system error. */
const TEMPORARY_CODES = ['50001', '50004', '50013', '50026']

/**
 * OKX's public market data.
 *
 * The strictest endpoint in use allows 20 calls in two seconds (600 per minute). 300 per minute with bursts of six leave
 * 210 ms between two calls. A call may be one second late, so in any two seconds at most six calls and those of three
 * seconds start, which is 20. Two hundred contracts take 42 seconds.
 *
 * @see https://www.okx.com/docs-v5/en/#public-data-rest-api-get-funding-rate
 * @see https://www.okx.com/docs-v5/en/#error-code
 */
export const okx = defineUpstream({
  name: 'okx',
  title: 'OKX',
  settings: {},
  baseUrls: () => ['https://www.okx.com'],
  limits: () => ({ perMinute: 300, burst: 6, concurrency: 4 }),
  attemptTimeout: '10 seconds',
  maxBytes: 2 * 1024 * 1024,
  attribution: { text: 'Market data by OKX', url: 'https://www.okx.com' },
  classify: (answer, now) => classify(answer, { expects: 'object', marker, coolDownMs: 2_000 }, now),
})

function marker(body: unknown, { status }: HttpResponse): ProviderFailure | undefined {
  const failure = codeFailure(body, status)
  if (failure) return failure
  return status === 403 ? REGION : undefined
}

function codeFailure(body: unknown, status: number): ProviderFailure | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined
  const { code } = body as { code?: unknown }
  if (code === '0') return undefined
  if (typeof code !== 'string' || !/^\d{1,6}$/.test(code)) return status === 200 ? WITHOUT_CODE : undefined
  const message = `OKX error ${code}`
  if (LIMIT_CODES.includes(code)) return { reason: 'rate-limited', message }
  if (code === '51001') return { reason: 'not-found', message, scope: 'item' }
  if (BAD_REQUEST_CODES.includes(code)) return { reason: 'bad-request', message, scope: 'item' }
  if (code === '50110') return { reason: 'auth', message }
  if (TEMPORARY_CODES.includes(code))
    return { reason: 'upstream-fault', message, retryable: true, scope: 'item' }
  // An error status explains more than an unknown code.
  return status < 400 ? { reason: 'upstream-fault', message, scope: 'item' } : undefined
}

const REGION: ProviderFailure = { reason: 'forbidden-region', message: 'OKX does not serve our region' }

const WITHOUT_CODE: ProviderFailure = {
  reason: 'malformed',
  message: 'expected the text code, got none',
  scope: 'item',
}
