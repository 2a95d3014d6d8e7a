import { type Classified, defineUpstream, type UpstreamSpec } from '#shared/declare/upstream.ts'
import type { HttpResponse } from '#shared/domain/ports/http.ts'
import { classify, type ProviderFailure, waitUntil } from './classify.ts'

const DEFAULT_COOL_DOWN_MS = 60_000
const BAN_MS = 10 * DEFAULT_COOL_DOWN_MS

/** The header of every answer that has the weight of the running minute so far, of all calls from our address. */
const USED_WEIGHT = 'x-mbx-used-weight-1m'

/** The provider's own faults that may pass: unknown error, disconnected, timeout, overloaded. */
const PASSING_CODES = [-1000, -1001, -1007, -1008]

/**
 * What an answer of Binance means, of its futures as of its spot market.
 *
 * @param now - milliseconds since the epoch
 * @see https://developers.binance.com/docs/binance-spot-api-docs/errors
 */
function classifyBinance(answer: HttpResponse, now: number): Classified {
  return classify(answer, { expects: 'either', marker, coolDownMs: DEFAULT_COOL_DOWN_MS }, now)
}

function marker(
  body: unknown,
  { status, body: text }: HttpResponse,
  now: number,
): ProviderFailure | undefined {
  const { code, msg } = (body ?? {}) as { code?: unknown; msg?: unknown }
  const said = typeof msg === 'string' ? msg : ''
  if (/restricted location/i.test(body === undefined ? text : said)) return RESTRICTED
  if (status === 418) return { ...LIMITED, ...statedBan(said, now), retryable: false, coolDownMs: BAN_MS }
  if (typeof code !== 'number') return undefined
  if (code === -1003) return { ...LIMITED, ...statedBan(said, now) }
  if (code === -1121)
    return { reason: 'not-found', message: 'Binance does not know the symbol', scope: 'item' }
  const message = `Binance error ${code}`
  if (PASSING_CODES.includes(code))
    return { reason: 'upstream-fault', message, retryable: true, scope: 'item' }
  if (code <= -1100 && code > -1200) return { reason: 'bad-request', message, scope: 'item' }
  if (code < 0 && status < 400) return { reason: 'upstream-fault', message, scope: 'item' }
  return undefined
}

const RESTRICTED: ProviderFailure = {
  reason: 'forbidden-region',
  message: 'Binance does not serve our region',
}

const LIMITED: ProviderFailure = { reason: 'rate-limited', message: 'Binance limits our rate' }

/** The end of a ban, in the message as epoch milliseconds: `IP banned until 1660090423228.`; one that is past says nothing. */
function statedBan(message: string, now: number): Pick<ProviderFailure, 'retryAfterMs'> {
  const [, until] = /banned until (\d{13})\b/.exec(message) ?? []
  return until !== undefined && Number(until) > now ? { retryAfterMs: waitUntil(Number(until), now) } : {}
}

/**
 * Binance's USD-margined futures, public market data.
 *
 * The limit is a weight of 2,400 a minute and address, in which the heaviest call (24 h statistics of all symbols)
 * counts 40: 40 calls a minute weigh 1,600 at most, two thirds. `fundingInfo` weighs nothing and has 500 calls in five
 * minutes of its own, of which 200 could be used.
 *
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info
 */
export const binanceFutures = defineUpstream({
  name: 'binance-futures',
  title: 'Binance USD-margined futures',
  settings: {},
  baseUrls: () => ['https://fapi.binance.com'],
  limits: () => ({ perMinute: 40, burst: 4, concurrency: 3 }),
  usage: { header: USED_WEIGHT, limit: 2_400 },
  attemptTimeout: '10 seconds',
  maxBytes: 16 * 1024 * 1024,
  attribution: { text: 'Market data by Binance', url: 'https://www.binance.com' },
  classify: classifyBinance,
})

/**
 * What both addresses of Binance's spot market allow. The limit is a weight of 6,000 a minute and address: 1,200 calls
 * of klines, which weigh 2, are two fifths of it, and leave room for the day's call of 80 and for strangers who share
 * the address of a Lambda function.
 *
 * @see https://developers.binance.com/docs/binance-spot-api-docs/rest-api/limits
 */
const SPOT = {
  settings: {},
  limits: () => ({ perMinute: 1_200, burst: 100, concurrency: 16 }),
  usage: { header: USED_WEIGHT, limit: 6_000 },
  attemptTimeout: '10 seconds',
  maxBytes: 32 * 1024 * 1024,
  attribution: { text: 'Market data by Binance', url: 'https://www.binance.com' },
  classify: classifyBinance,
} satisfies Partial<UpstreamSpec<Record<never, never>>>

/** Binance's spot market at the address that has nothing but public data: the one to ask first. */
export const binanceSpot = defineUpstream({
  ...SPOT,
  name: 'binance-spot',
  title: 'Binance spot data',
  baseUrls: () => ['https://data-api.binance.vision'],
})

/**
 * The same market at the exchange's own address: a provider of its own, so that a block of one address is remembered
 * and leaves the other one open.
 */
export const binanceSpotApi = defineUpstream({
  ...SPOT,
  name: 'binance-spot-api',
  title: 'Binance spot',
  baseUrls: () => ['https://api.binance.com'],
})
