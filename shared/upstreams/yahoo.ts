import { defineUpstream } from '#shared/declare/upstream.ts'
import { HOUR_MS } from '#shared/domain/duration.ts'
import type { HttpResponse } from '#shared/domain/ports/http.ts'
import { classify } from './classify.ts'
import { members } from './error-codes.ts'
import type { ProviderFailure } from './provider-failure.ts'
import { YAHOO_SETTINGS, yahooOff } from './stocks/settings.ts'

/**
 * Yahoo's charts, version 8: daily bars. The interface is unofficial and not documented.
 *
 * It limits by address and client and does not state how; starts have to be two seconds apart. At 15 calls per minute
 * slots are 4.1 s apart, which leaves two seconds if a call is a second late and two clocks differ by a second.
 */
export const yahoo = defineUpstream({
  name: 'yahoo',
  title: 'Yahoo charts',
  settings: YAHOO_SETTINGS,
  baseUrls: () => ['https://query1.finance.yahoo.com'],
  off: yahooOff,
  limits: () => ({ perMinute: 15, concurrency: 1 }),
  attemptTimeout: '10 seconds',
  // 250 bars take 35 KB
  maxBytes: 512 * 1024,
  attribution: { text: 'Prices by Yahoo Finance', url: 'https://finance.yahoo.com' },
  classify: (answer, now) => classify(answer, { expects: 'object', marker, coolDownMs: HOUR_MS }, now),
})

/** Longer texts are pages, not the sentence of a refusal. */
const MAX_SENTENCE_LENGTH = 300

function marker(body: unknown, { status, body: text }: HttpResponse): ProviderFailure | undefined {
  const sentence = body === undefined ? text.trim().slice(0, MAX_SENTENCE_LENGTH) : ''
  if (status === 429 || /^(?:edge: )?too many requests\b/i.test(sentence)) return LIMITED
  const { error } = members(members(body)['chart'])
  const { code, description } = members(error)
  if (isCrumb(sentence) || isCrumb(description) || status === 401 || status === 403) return REFUSED
  return error === undefined || error === null ? undefined : codeFailure(code)
}

function isCrumb(text: unknown): boolean {
  return typeof text === 'string' && /\binvalid crumb\b/i.test(text)
}

function codeFailure(code: unknown): ProviderFailure {
  const failure = typeof code === 'string' && Object.hasOwn(CODES, code) ? CODES[code] : undefined
  return failure ?? UNKNOWN_ERROR
}

const BAD_REQUEST: ProviderFailure = {
  reason: 'bad-request',
  message: 'Yahoo rejects our request as invalid',
  scope: 'item',
}

const CODES: Readonly<Record<string, ProviderFailure>> = {
  'Not Found': { reason: 'not-found', message: 'Yahoo does not have the symbol', scope: 'item' },
  'Bad Request': BAD_REQUEST,
  'Unprocessable Entity': BAD_REQUEST,
}

/** Blocks last long and concern our address, so another attempt of the run would make it worse. */
const LIMITED: ProviderFailure = {
  reason: 'rate-limited',
  message: 'Yahoo limits our rate',
  retryable: false,
}

const REFUSED: ProviderFailure = { reason: 'refused', message: 'Yahoo refuses to serve us' }

const UNKNOWN_ERROR: ProviderFailure = {
  reason: 'upstream-fault',
  message: 'Yahoo answers with an unknown error',
  scope: 'item',
}
