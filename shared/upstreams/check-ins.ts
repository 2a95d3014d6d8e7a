import { defineUpstream } from '#shared/declare/upstream.ts'
import { MINUTE_MS, SECOND_MS } from '#shared/domain/duration.ts'
import { type HttpResponse, isSuccessStatus } from '#shared/domain/ports/http.ts'
import { CHECK_IN_SETTINGS, checkInsOff } from './check-ins/settings.ts'
import { classify } from './classify.ts'
import { codeTable, errorCode, members } from './error-codes.ts'
import type { ProviderFailure } from './provider-failure.ts'

/** A call may start this much after its slot, and two processes' clocks may differ by as much. */
const LATE_MS = SECOND_MS
const SKEW_MS = SECOND_MS

/**
 * zsxq, a community whose groups have check-in projects. Its interface is not official.
 *
 * One call at a time is made. By default, starts have to be 3 s apart: at 12 calls per minute slots are 5.1 s apart, which
 * leaves 3.1 s if a call is a second late and two clocks differ by a second.
 */
export const checkIns = defineUpstream({
  name: 'check-ins',
  title: 'zsxq',
  settings: CHECK_IN_SETTINGS,
  baseUrls: () => ['https://api.zsxq.com'],
  secret: ({ CHECKINS_TOKEN_PARAMETER: parameter, CHECKINS_AUTH_HEADER: header }) =>
    parameter === undefined ? undefined : { parameter, header, extraHeaders: true },
  off: checkInsOff,
  limits: ({ CHECKINS_MIN_SPACING_MS: spacingMs }) => ({
    perMinute: Math.floor((MINUTE_MS + LATE_MS + SKEW_MS) / (spacingMs + LATE_MS + SKEW_MS)),
    concurrency: 1,
  }),
  breaker: { coolDown: '15 minutes' },
  // a quarter of all calls is refused now and then; three in a row mean all of them
  escalation: { failures: 3, coolDown: '15 minutes', maxCoolDown: '6 hours' },
  hasPersonalData: true,
  attemptTimeout: '10 seconds',
  maxAttempts: 2,
  requestIdHeader: 'x-request-id',
  // 100 projects with the avatars of their members take 0.4 MB
  maxBytes: 1024 * 1024,
  attribution: { text: 'Check-in data by zsxq', url: 'https://www.zsxq.com' },
  classify: (answer, now) => classify(answer, { expects: 'object', marker, coolDownMs: MINUTE_MS }, now),
})

/** Not verified: no published answer is about an unknown project. 404 is "resource not found" in the provider's web client. */
const UNKNOWN_PROJECT_CODE = 404

/**
 * What the codes mean, whatever their texts are: those of 1059 have changed twice. Codes that no published answer has, such
 * as 10001 and 40001, have no meaning here.
 */
const CODES = codeTable([
  { codes: [429], reason: 'rate-limited' },
  // the token's owner is no member of the group, the membership has expired
  { codes: [1005, 14_210], reason: 'auth' },
  // internal error or unofficial tool
  { codes: [1059], reason: 'refused', scope: 'item', escalates: true },
  // no permission, not joined
  { codes: [1030, 52_010], reason: 'refused', scope: 'item' },
  // parameters that are missing or wrong
  { codes: [1002, 1004], reason: 'bad-request', scope: 'item' },
  { codes: [UNKNOWN_PROJECT_CODE], reason: 'not-found', scope: 'item' },
])

/** Failures are `{succeeded: false, code}` or `{succeeded: false, error: {code}}`, nearly always under 200. */
function marker(body: unknown, { status }: HttpResponse): ProviderFailure | undefined {
  const { succeeded, code: outer, error } = members(body)
  if (succeeded === false) {
    const code = errorCode(outer) ?? errorCode(members(error)['code'])
    const meaning = CODES.get(code ?? Number.NaN)
    if (meaning) return { ...meaning, message: `zsxq error ${code}` }
    if (status === UNKNOWN_PROJECT_CODE) return UNKNOWN_PROJECT
    // an error status explains more than an unknown code
    return isSuccessStatus(status) ? unknownFailure(code) : undefined
  }
  const isEnvelope = succeeded === true || body === undefined || Array.isArray(body)
  return isEnvelope || !isSuccessStatus(status) ? undefined : WITHOUT_OUTCOME
}

const UNKNOWN_PROJECT: ProviderFailure = {
  reason: 'not-found',
  message: 'zsxq does not have what was requested',
  scope: 'item',
}

function unknownFailure(code: number | undefined): ProviderFailure {
  const message = code === undefined ? 'zsxq reports a failure without a code' : `unknown zsxq error ${code}`
  return { reason: 'upstream-fault', message, scope: 'item' }
}

const WITHOUT_OUTCOME: ProviderFailure = {
  reason: 'malformed',
  message: 'expected succeeded to be true or false, got something else',
  scope: 'item',
}
