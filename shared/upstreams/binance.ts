import { defineUpstream } from '#shared/declare/upstream.ts'
import type { Classified, UpstreamSpec } from '#shared/declare/upstream-spec.ts'
import type { HttpResponse } from '#shared/domain/ports/http.ts'
import { classify } from './classify.ts'
import { codeTable, errorCode, members } from './error-codes.ts'
import type { ProviderFailure } from './provider-failure.ts'
import { waitUntil } from './retry-after.ts'

const DEFAULT_COOL_DOWN_MS = 60_000
const BAN_MS = 10 * DEFAULT_COOL_DOWN_MS

const MIB = 1024 * 1024

/** 1,000 bars are about 200 KB. */
const KLINES_BYTES = MIB / 2

/** The header with the weight of all calls from our address in the current minute. */
const USED_WEIGHT = 'x-mbx-used-weight-1m'

/**
 * The documented codes that a request for public data can get, of both markets. Other codes of the range -1100 to -1199
 * are errors of the request too.
 *
 * @see https://developers.binance.com/docs/binance-spot-api-docs/errors
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/error-code
 */
const CODES = codeTable([
  // requests, orders, connections, messages, subscriptions
  { reason: 'rate-limited', codes: [-1003, -1015, -1034, -1181, -1191] },
  // unknown, disconnected, busy, unexpected response, timeout, overloaded
  {
    reason: 'upstream-fault',
    scope: 'item',
    retryable: true,
    codes: [-1000, -1001, -1004, -1006, -1007, -1008],
  },
  // error of the matching engine, service shut down
  { reason: 'upstream-fault', scope: 'item', codes: [-1010, -1016] },
  // key, signature, listed addresses, session
  { reason: 'auth', codes: [-1002, -1005, -1011, -1022, -1099, -2008, -2014, -2015, -2017] },
  // no order book, symbol, trading window, delivered contract, pair
  { reason: 'not-found', scope: 'item', codes: [-1112, -1121, -2016, -4108, -4141, -4144] },
  // message, combination, operation, time stamp, start after end
  { reason: 'bad-request', scope: 'item', codes: [-1013, -1014, -1020, -1021, -1023] },
])

/**
 * Classifies a response of Binance: futures and spot market use the same errors.
 *
 * @param now - milliseconds since the epoch
 */
function classifyBinance(answer: HttpResponse, now: number): Classified {
  return classify(answer, { expects: 'either', marker, coolDownMs: DEFAULT_COOL_DOWN_MS }, now)
}

function marker(
  body: unknown,
  { status, body: page }: HttpResponse,
  now: number,
): ProviderFailure | undefined {
  const { code: member, msg } = members(body)
  const text = typeof msg === 'string' ? msg : ''
  if (/restricted location/i.test(body === undefined ? page : text)) return RESTRICTED
  if (status === 418) return { ...LIMITED, ...statedBan(text, now), coolDownMs: BAN_MS }
  const code = errorCode(member)
  if (code === undefined) return undefined
  const message = `Binance error ${code}`
  const byCode = CODES.get(code)
  if (byCode?.reason === 'rate-limited') return { ...LIMITED, ...statedBan(text, now) }
  if (byCode) return { ...byCode, message }
  if (code <= -1100 && code > -1200) return { reason: 'bad-request', message, scope: 'item' }
  // an error status explains more than an unknown code
  return code < 0 && status < 400 ? { reason: 'upstream-fault', message, scope: 'item' } : undefined
}

const RESTRICTED: ProviderFailure = {
  reason: 'forbidden-region',
  message: 'Binance does not serve our region',
}

const LIMITED: ProviderFailure = { reason: 'rate-limited', message: 'Binance limits our rate' }

/** The end of a ban, which the message states in epoch ms: `IP banned until 1660090423228.` A past time is ignored. */
function statedBan(message: string, now: number): Pick<ProviderFailure, 'retryAfterMs'> {
  const [, until] = /banned until (\d{13})\b/.exec(message) ?? []
  return until !== undefined && Number(until) > now ? { retryAfterMs: waitUntil(Number(until), now) } : {}
}

/**
 * Binance's USD-margined futures, public market data.
 *
 * The limit is a weight of 2,400 per minute and address. The heaviest call (24 h statistics of all symbols) weighs 40, so
 * 40 calls per minute weigh at most 1,600, two thirds of the limit. `fundingInfo` weighs 0 and has its own limit of 500
 * calls in five minutes, of which we use at most 200.
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
  // about 700 contracts: 0.4 MB of tickers, 1.5 MB of contracts
  maxBytes: 4 * MIB,
  endpointMaxBytes: { '/fapi/v1/exchangeInfo': 8 * MIB, '/fapi/v1/klines': KLINES_BYTES },
  attribution: { text: 'Market data by Binance', url: 'https://www.binance.com' },
  classify: classifyBinance,
})

/**
 * The declaration that both hosts of Binance's spot market share. The limit is a weight of 6,000 per minute and address:
 * 1,200 calls of klines, which weigh 2 each, use two fifths. That leaves room for the daily call of weight 80 and for
 * other AWS customers who share the address of a Lambda function.
 *
 * @see https://developers.binance.com/docs/binance-spot-api-docs/rest-api/limits
 */
const SPOT = {
  settings: {},
  limits: () => ({ perMinute: 1_200, burst: 100, concurrency: 16 }),
  usage: { header: USED_WEIGHT, limit: 6_000 },
  attemptTimeout: '10 seconds',
  // about 3,500 pairs: 2 MB of tickers; their description is far longer for a host that ignores the filter
  maxBytes: MIB,
  endpointMaxBytes: {
    '/api/v3/klines': KLINES_BYTES,
    '/api/v3/ticker/24hr': 6 * MIB,
    '/api/v3/exchangeInfo': 16 * MIB,
  },
  attribution: { text: 'Market data by Binance', url: 'https://www.binance.com' },
  classify: classifyBinance,
} satisfies Partial<UpstreamSpec<Record<never, never>>>

/** Binance's spot market at the host for public data: the preferred one. */
export const binanceSpot = defineUpstream({
  ...SPOT,
  name: 'binance-spot',
  title: 'Binance spot data',
  baseUrls: () => ['https://data-api.binance.vision'],
})

/**
 * Binance's spot market at the exchange's main host. It is a provider of its own, so that a block of one host does not
 * affect the other.
 */
export const binanceSpotApi = defineUpstream({
  ...SPOT,
  name: 'binance-spot-api',
  title: 'Binance spot',
  baseUrls: () => ['https://api.binance.com'],
})
