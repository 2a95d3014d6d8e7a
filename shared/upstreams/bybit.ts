import { defineUpstream } from '#shared/declare/upstream.ts'
import { MINUTE_MS } from '#shared/domain/duration.ts'
import type { HttpResponse } from '#shared/domain/ports/http.ts'
import { classify, type ProviderFailure, waitUntil } from './classify.ts'

const TOO_FREQUENT_MS = 10 * MINUTE_MS

const AUTH_CODES = [10_003, 10_004, 10_005, 10_007, 10_010]
const REGION_CODES = [10_009, 10_024]
const LIMIT_CODES = [10_006, 10_429, 429]
/** Temporary faults of the provider: server error and service restart. */
const TEMPORARY_CODES = [10_000, 10_016]

/**
 * Bybit's public market data, version 5.
 *
 * The limit is 600 calls of any kind in five seconds per address; 120 per minute are a sixtieth of it. The whole market
 * takes one call, its contracts take two.
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
  // An error status explains more than an unknown code.
  if (status >= 400 && !TEMPORARY_CODES.includes(code)) return undefined
  return { reason: 'upstream-fault', message, retryable: TEMPORARY_CODES.includes(code), scope: 'item' }
}

/** A 403 has several causes besides the region; they have the same effect. */
const REGION: ProviderFailure = { reason: 'forbidden-region', message: 'Bybit does not serve our region' }

const TOO_FREQUENT: ProviderFailure = {
  reason: 'rate-limited',
  message: 'Bybit reports too frequent access',
  retryable: false,
  coolDownMs: TOO_FREQUENT_MS,
}

const WITHOUT_CODE: ProviderFailure = {
  reason: 'malformed',
  message: 'expected the number retCode, got none',
  scope: 'item',
}

/** The time at which the limit resets, which a header states in epoch ms. A past time is ignored. */
function statedReset({ headers }: HttpResponse, now: number): Pick<ProviderFailure, 'retryAfterMs'> {
  const reset = headers['x-bapi-limit-reset-timestamp'] ?? ''
  return /^\d{13}$/.test(reset) && Number(reset) > now ? { retryAfterMs: waitUntil(Number(reset), now) } : {}
}
