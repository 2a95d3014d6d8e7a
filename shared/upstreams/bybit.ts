import { defineUpstream } from '#shared/declare/upstream.ts'
import { MINUTE_MS } from '#shared/domain/duration.ts'
import { type HttpResponse, isSuccessStatus } from '#shared/domain/ports/http.ts'
import { classify } from './classify.ts'
import { codeTable, errorCode, members } from './error-codes.ts'
import type { ProviderFailure } from './provider-failure.ts'
import { waitUntil } from './retry-after.ts'

const TOO_FREQUENT_MS = 10 * MINUTE_MS

/**
 * The documented codes that a request for public data can get.
 *
 * @see https://bybit-exchange.github.io/docs/v5/error
 */
const CODES = codeTable([
  // system protection, API, address, session, time frame
  { reason: 'rate-limited', codes: [429, 10_006, 10_018, 10_429, 20_003, 170_222] },
  // timeout, server error, restart, internal error, timeout, network, try again
  {
    reason: 'upstream-fault',
    scope: 'item',
    retryable: true,
    codes: [10_000, 10_016, 10_019, 170_001, 170_007, 170_032, 3_400_214],
  },
  // key, signature, permission, login, address of the key, account mode, expired keys
  {
    reason: 'auth',
    codes: [-2015, 10_003, 10_004, 10_005, 10_007, 10_010, 10_020, 10_028, 33_004, 100_028],
  },
  // banned account, banned transactions
  { reason: 'refused', codes: [10_008, 10_027] },
  // banned address, compliance rules
  { reason: 'forbidden-region', codes: [10_009, 10_024] },
  // symbol, coin, pair that is not open yet, pair without API
  { reason: 'not-found', scope: 'item', codes: [10_029, 170_121, 170_151, 170_157, 170_221] },
  // time stamp, duplicate, route, operation, empty parameter, parameter
  { reason: 'bad-request', scope: 'item', codes: [-1, 10_002, 10_014, 10_017, 10_404, 170_105, 170_130] },
])

/** A parameter is wrong: which one, the message says. */
const PARAMETER_CODE = 10_001

/**
 * Bybit's public market data, version 5.
 *
 * The limit is 600 calls of any kind in five seconds per address; 120 per minute are a sixtieth of it. The whole market
 * takes one call, its contracts take two.
 *
 * @see https://bybit-exchange.github.io/docs/v5/rate-limit
 */
export const bybit = defineUpstream({
  name: 'bybit',
  title: 'Bybit',
  settings: {},
  baseUrls: () => ['https://api.bybit.com'],
  limits: () => ({ perMinute: 120, burst: 10, concurrency: 2 }),
  attemptTimeout: '10 seconds',
  // about 700 contracts: 0.5 MB of tickers, 0.8 MB of contracts
  maxBytes: 4 * 1024 * 1024,
  attribution: { text: 'Market data by Bybit', url: 'https://www.bybit.com' },
  classify: (answer, now) => classify(answer, { expects: 'object', marker, coolDownMs: 5_000 }, now),
})

function marker(body: unknown, answer: HttpResponse, now: number): ProviderFailure | undefined {
  const { status, body: text } = answer
  const failure = codeFailure(body, answer, now)
  if (status !== 403) return failure
  const isLimited = failure?.reason === 'rate-limited' || /access too frequent/i.test(text)
  return isLimited ? { ...TOO_FREQUENT, ...statedReset(answer, now) } : REGION
}

function codeFailure(body: unknown, answer: HttpResponse, now: number): ProviderFailure | undefined {
  if (body === undefined || Array.isArray(body)) return undefined
  const { retCode, retMsg } = members(body)
  if (retCode === 0) return undefined
  const code = errorCode(retCode)
  if (code === undefined || code === 0) return isSuccessStatus(answer.status) ? WITHOUT_CODE : undefined
  const message = `Bybit error ${code}`
  if (code === PARAMETER_CODE) {
    const isSymbol = typeof retMsg === 'string' && /symbol/i.test(retMsg)
    return { reason: isSymbol ? 'not-found' : 'bad-request', message, scope: 'item' }
  }
  const byCode = CODES.get(code)
  if (byCode?.reason === 'forbidden-region') return REGION
  if (byCode?.reason === 'rate-limited') return { ...byCode, message, ...statedReset(answer, now) }
  if (byCode) return { ...byCode, message }
  // an error status explains more than an unknown code
  return answer.status < 400 ? { reason: 'upstream-fault', message, scope: 'item' } : undefined
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
