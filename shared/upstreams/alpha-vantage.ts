import { defineUpstream } from '#shared/declare/upstream.ts'
import { MINUTE_MS, SECOND_MS } from '#shared/domain/duration.ts'
import { type HttpResponse, isSuccessStatus } from '#shared/domain/ports/http.ts'
import { nextMidnight } from '#shared/domain/time.ts'
import { classify } from './classify.ts'
import { isEmptyObject, members } from './error-codes.ts'
import type { ProviderFailure } from './provider-failure.ts'
import { ALPHA_VANTAGE_SETTINGS, alphaVantageOff } from './stocks/settings.ts'

/** The zone in which the provider counts its days and dates its bars. */
const ZONE = 'America/New_York'

/** A call right at midnight could still count for the day before: the moment of the reset is not documented. */
const RESET_DELAY_MS = 10 * MINUTE_MS

/**
 * Alpha Vantage: daily bars and fundamentals of shares.
 *
 * The free plan allows one call a second and 25 a day; all of them are for scheduled runs. Starts have to be 1.2 s apart.
 * At 19 calls per minute, the default, slots are 3.2 s apart, which leaves 1.2 s if a call is a second late and two clocks
 * differ by a second. At 30, for paid plans, they are 2 s apart: a second remains if a call is a second late.
 *
 * @see https://www.alphavantage.co/documentation/
 */
export const alphaVantage = defineUpstream({
  name: 'alpha-vantage',
  title: 'Alpha Vantage',
  settings: ALPHA_VANTAGE_SETTINGS,
  baseUrls: () => ['https://www.alphavantage.co'],
  // no header is accepted
  secret: ({ ALPHA_VANTAGE_KEY_PARAMETER: parameter }) =>
    parameter === undefined ? undefined : { parameter, query: 'apikey' },
  off: alphaVantageOff,
  limits: ({ ALPHA_VANTAGE_DAILY_BUDGET: perDay, ALPHA_VANTAGE_CALLS_PER_MINUTE: perMinute }) => ({
    perMinute,
    concurrency: 1,
    perDay,
    scheduledShare: 1,
    zone: ZONE,
  }),
  attemptTimeout: '15 seconds',
  // 100 bars take 20 KB, a hundred balance sheets 0.2 MB
  maxBytes: 512 * 1024,
  attribution: { text: 'Market data by Alpha Vantage', url: 'https://www.alphavantage.co' },
  classify: (answer, now) => classify(answer, { expects: 'object', marker, coolDownMs: MINUTE_MS }, now),
})

/** Members of which a successful body has at least one. */
const DATA_MEMBERS = ['Meta Data', 'Symbol', 'symbol', 'annualReports', 'quarterlyReports']

/** Errors are JSON under 200. A message of any of these members replaces the data. */
function marker(body: unknown, { status }: HttpResponse, now: number): ProviderFailure | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined
  const json = members(body)
  const { Information: information, Note: note, 'Error Message': error } = json
  if (typeof information === 'string') return rateFailure(information) ?? informationFailure(information, now)
  if (typeof note === 'string') return rateFailure(note) ?? NOTE
  if (typeof error === 'string') return /api\s?key/i.test(error) ? REFUSED_KEY : UNKNOWN_SYMBOL
  return isSuccessStatus(status) ? dataFailure(json) : undefined
}

/**
 * The rates come first, because their messages also quote the limit of a day and name the premium plans. None is tried
 * again in the run, so that a run cannot use up the day with calls that are refused.
 */
function rateFailure(text: string): ProviderFailure | undefined {
  if (/per second|more sparingly|burst pattern/i.test(text)) return TOO_FAST
  return /per minute|minute-level/i.test(text) ? FULL_MINUTE : undefined
}

function informationFailure(text: string, now: number): ProviderFailure {
  if (/per day/i.test(text)) {
    const retryAfterMs = nextMidnight(ZONE, now) + RESET_DELAY_MS - now
    return { reason: 'quota-exhausted', message: 'the calls of the day are used up', retryAfterMs }
  }
  if (/\bdemo\b/i.test(text)) return DEMO_KEY
  return /premium/i.test(text) ? PREMIUM : UNKNOWN_INFORMATION
}

/** An empty object is an answer: the parser of each function knows what it means. */
function dataFailure(json: Readonly<Record<string, unknown>>): ProviderFailure | undefined {
  if (isEmptyObject(json)) return undefined
  return DATA_MEMBERS.some((name) => Object.hasOwn(json, name)) ? undefined : NO_DATA
}

const TOO_FAST: ProviderFailure = {
  reason: 'rate-limited',
  message: 'Alpha Vantage limits the calls of a second',
  retryable: false,
  coolDownMs: 2 * SECOND_MS,
}

const FULL_MINUTE: ProviderFailure = {
  reason: 'rate-limited',
  message: 'Alpha Vantage limits the calls of a minute',
  retryable: false,
}

const NOTE: ProviderFailure = {
  reason: 'rate-limited',
  message: 'Alpha Vantage limits our rate',
  retryable: false,
}

const DEMO_KEY: ProviderFailure = { reason: 'auth', message: 'the key is the one for demonstrations' }

const REFUSED_KEY: ProviderFailure = { reason: 'auth', message: 'the key is missing or not accepted' }

const PREMIUM: ProviderFailure = {
  reason: 'refused',
  message: 'the function needs a premium plan',
  scope: 'item',
}

const UNKNOWN_INFORMATION: ProviderFailure = {
  reason: 'upstream-fault',
  message: 'Alpha Vantage answers with an unknown message in place of data',
}

/** Every call is about one symbol, so the error of a call is that of its symbol. */
const UNKNOWN_SYMBOL: ProviderFailure = {
  reason: 'not-found',
  message: 'Alpha Vantage has no such data of the symbol',
  scope: 'item',
}

const NO_DATA: ProviderFailure = {
  reason: 'malformed',
  message: `expected one of the members ${DATA_MEMBERS.join(', ')}, got none`,
  scope: 'item',
}
