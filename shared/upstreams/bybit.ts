import { defineUpstream } from '#shared/declare/upstream.ts'
import type { HttpResponse } from '#shared/domain/ports/http.ts'
import { classify, type ProviderFailure, waitUntil } from './classify.ts'

const TOO_FREQUENT_MS = 10 * 60_000

const AUTH_CODES = [10_003, 10_004, 10_005, 10_007, 10_010]
const REGION_CODES = [10_009, 10_024]
const LIMIT_CODES = [10_006, 10_429, 429]
/** Server error and service restart: they may pass. */
const PASSING_CODES = [10_000, 10_016]

/**
 * Bybit's public market data, version 5.
 *
 * The limit is 600 calls in five seconds and address, whatever they ask. 120 a minute are a sixtieth of it; the whole
 * market is one call, its contracts are two.
 *
 * @see https://bybit-exchange.github.io/docs/v5/rate-limit
 * @see https://bybit-exchange.github.io/docs/v5/error
 */
export const bybit = defineUpstream({
  name: 'bybit',
  title: 'Bybit',
  settings: {},
  baseUrls: () => ['https://api.bybit.com'],
  limits: () => ({ perMinute: 120, burst: 10, concurrency: 2 }),
  attemptTimeout: '10 seconds',
  maxBytes: 16 * 1024 * 1024,
  attribution: { text: 'Market data by Bybit', url: 'https://www.bybit.com' },
  classify: (answer, now) => classify(answer, { expects: 'object', marker, coolDownMs: 5_000 }, now),
})

function marker(body: unknown, answer: HttpResponse, now: number): ProviderFailure | undefined {
  const { status, body: text } = answer
  if (status === 403) return /access too frequent/i.test(text) ? TOO_FREQUENT : REGION
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined
  const { retCode: code, retMsg } = body as { retCode?: unknown; retMsg?: unknown }
  if (code === 0) return undefined
  if (typeof code !== 'number') return status === 200 ? WITHOUT_CODE : undefined
  const message = `Bybit error ${code}`
  if (LIMIT_CODES.includes(code)) return { reason: 'rate-limited', message, ...statedReset(answer, now) }
  if (REGION_CODES.includes(code)) return REGION
  if (AUTH_CODES.includes(code)) return { reason: 'auth', message }
  if (code === 10_029) return { reason: 'not-found', message, scope: 'item' }
  if (code === 10_001) {
    const isSymbol = typeof retMsg === 'string' && /symbol/i.test(retMsg)
    return { reason: isSymbol ? 'not-found' : 'bad-request', message, scope: 'item' }
  }
  // an unknown code explains less than a status that is no success
  if (status >= 400 && !PASSING_CODES.includes(code)) return undefined
  return { reason: 'upstream-fault', message, retryable: PASSING_CODES.includes(code), scope: 'item' }
}

/** A 403 does not tell a region from anything else; the effect is the same. */
const REGION: ProviderFailure = { reason: 'forbidden-region', message: 'Bybit does not serve our region' }

const TOO_FREQUENT: ProviderFailure = {
  reason: 'rate-limited',
  message: 'Bybit calls our access too frequent',
  retryable: false,
  coolDownMs: TOO_FREQUENT_MS,
}

const WITHOUT_CODE: ProviderFailure = {
  reason: 'malformed',
  message: 'expected the number retCode, got none',
  scope: 'item',
}

/** When the allowance is renewed, in a header as epoch milliseconds; a moment that is past says nothing. */
function statedReset({ headers }: HttpResponse, now: number): Pick<ProviderFailure, 'retryAfterMs'> {
  const reset = headers['x-bapi-limit-reset-timestamp'] ?? ''
  return /^\d{13}$/.test(reset) && Number(reset) > now ? { retryAfterMs: waitUntil(Number(reset), now) } : {}
}
