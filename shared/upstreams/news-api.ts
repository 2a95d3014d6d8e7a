import { defineUpstream } from '#shared/declare/upstream.ts'
import { HOUR_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import { type HttpResponse, isSuccessStatus } from '#shared/domain/ports/http.ts'
import { classify } from './classify.ts'
import { members } from './error-codes.ts'
import { EVENTS_NOTICES, EVENTS_SETTINGS, newsApiOff } from './macro/settings.ts'
import type { ProviderFailure } from './provider-failure.ts'

/**
 * NewsAPI.org: news by words, with descriptions.
 *
 * Starts have to be a second apart. At 20 calls per minute slots are 3.1 s apart, which leaves 1.1 s if a call is a second
 * late and two clocks differ by a second.
 *
 * @see https://newsapi.org/docs
 */
export const newsApi = defineUpstream({
  name: 'news-api',
  title: 'NewsAPI',
  settings: EVENTS_SETTINGS,
  baseUrls: () => ['https://newsapi.org'],
  secret: ({ NEWS_API_KEY_PARAMETER: parameter }) =>
    parameter === undefined ? undefined : { parameter, header: 'x-api-key' },
  off: newsApiOff,
  limits: () => ({ perMinute: 20, concurrency: 1 }),
  attemptTimeout: '10 seconds',
  // 100 articles take 150 KB
  maxBytes: 1024 * 1024,
  attribution: { text: EVENTS_NOTICES['news-api'], url: 'https://newsapi.org' },
  classify: (answer, now) => classify(answer, { expects: 'object', marker, coolDownMs: 15 * MINUTE_MS }, now),
})

/** The code decides, because the status of some errors is not documented. */
function marker(body: unknown, { status }: HttpResponse): ProviderFailure | undefined {
  const { status: outcome, code, message } = members(body)
  if (outcome !== 'error') return undefined
  if (code === 'rateLimited' && typeof message === 'string' && QUOTA_PERIOD.test(message)) return EXHAUSTED
  const failure = typeof code === 'string' && Object.hasOwn(CODES, code) ? CODES[code] : undefined
  // an error status explains more than an unknown code
  return failure ?? (isSuccessStatus(status) ? UNKNOWN_CODE : undefined)
}

/** The message of a limit names the period of the quota: 24 hours, of which half is available every 12 hours. */
const QUOTA_PERIOD = /\b(?:12|24)[ -]hours?\b/i

const EXHAUSTED: ProviderFailure = {
  reason: 'quota-exhausted',
  message: 'the calls of the NewsAPI plan are used up',
  retryAfterMs: 12 * HOUR_MS,
}

const REFUSED_KEY: ProviderFailure = { reason: 'auth', message: 'NewsAPI does not accept our key' }

const BAD_REQUEST: ProviderFailure = {
  reason: 'bad-request',
  message: 'NewsAPI rejects our request as invalid',
  scope: 'item',
}

/** @see https://newsapi.org/docs/errors */
const CODES: Readonly<Record<string, ProviderFailure>> = {
  apiKeyDisabled: REFUSED_KEY,
  apiKeyInvalid: REFUSED_KEY,
  apiKeyMissing: REFUSED_KEY,
  apiKeyExhausted: EXHAUSTED,
  rateLimited: { reason: 'rate-limited', message: 'NewsAPI limits our rate' },
  maximumResultsReached: { ...BAD_REQUEST, message: 'the NewsAPI plan does not give so many results' },
  parameterInvalid: BAD_REQUEST,
  parametersMissing: BAD_REQUEST,
  sourcesTooMany: BAD_REQUEST,
  sourceDoesNotExist: BAD_REQUEST,
  unexpectedError: {
    reason: 'upstream-fault',
    message: 'NewsAPI reports an error of its own',
    scope: 'item',
    retryable: true,
  },
}

const UNKNOWN_CODE: ProviderFailure = {
  reason: 'upstream-fault',
  message: 'NewsAPI answers with an unknown error',
  scope: 'item',
}
