import { defineUpstream } from '#shared/declare/upstream.ts'
import { type HttpResponse, isSuccessStatus } from '#shared/domain/ports/http.ts'
import { classify } from './classify.ts'
import { codeTable, errorCode, members } from './error-codes.ts'
import type { ProviderFailure } from './provider-failure.ts'

/**
 * The documented codes that a request for public data can get.
 *
 * @see https://www.okx.com/docs-v5/en/#error-code
 */
const CODES = codeTable([
  // requests, operations, requests of an account
  { reason: 'rate-limited', codes: [50_011, 50_040, 50_061] },
  // engine upgrade, timeout, offline, busy, system error, order timeout; delivery and settlement take minutes
  {
    reason: 'upstream-fault',
    scope: 'item',
    retryable: true,
    codes: [50_001, 50_004, 50_005, 50_013, 50_026, 51_028, 51_029, 51_030, 51_054],
  },
  // blocked or unknown account, frozen key, headers of the key, address, permission
  {
    reason: 'auth',
    codes: [
      50_007, 50_008, 50_009, 50_010, 50_012, 50_030, 50_035, 50_041, 50_100, 50_101, 50_102, 50_103, 50_104,
      50_105, 50_106, 50_107, 50_108, 50_109, 50_110, 50_111, 50_112, 50_113, 50_114, 50_119, 50_120, 50_121,
    ],
  },
  // instrument, index, contract that is not listed yet, suspended, expired or settled; no data
  {
    reason: 'not-found',
    scope: 'item',
    codes: [50_047, 51_001, 51_014, 51_021, 51_022, 51_027, 51_087, 52_000],
  },
  // body, content type, parameters, method, instrument and type
  {
    reason: 'bad-request',
    scope: 'item',
    codes: [
      50_000, 50_002, 50_006, 50_014, 50_015, 50_016, 50_024, 50_025, 50_038, 50_039, 50_115, 51_000, 51_002,
      51_003, 51_015, 51_026,
    ],
  },
])

/**
 * OKX's public market data.
 *
 * The strictest endpoint in use allows 20 calls in two seconds (600 per minute). 300 per minute with bursts of six leave
 * 210 ms between two calls. A call may be one second late, so in any two seconds at most six calls and those of three
 * seconds start, which is 20. Two hundred contracts take 42 seconds.
 *
 * @see https://www.okx.com/docs-v5/en/#public-data-rest-api-get-funding-rate
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
  const explains403 = failure && failure.scope !== 'item'
  return status === 403 && !explains403 ? REGION : failure
}

function codeFailure(body: unknown, status: number): ProviderFailure | undefined {
  if (body === undefined || Array.isArray(body)) return undefined
  const { code: member } = members(body)
  if (member === '0') return undefined
  const code = errorCode(member)
  if (code === undefined || code === 0) return isSuccessStatus(status) ? WITHOUT_CODE : undefined
  const message = `OKX error ${code}`
  const byCode = CODES.get(code)
  if (byCode) return { ...byCode, message }
  // an error status explains more than an unknown code
  return status < 400 ? { reason: 'upstream-fault', message, scope: 'item' } : undefined
}

const REGION: ProviderFailure = { reason: 'forbidden-region', message: 'OKX does not serve our region' }

const WITHOUT_CODE: ProviderFailure = {
  reason: 'malformed',
  message: 'expected the text code, got none',
  scope: 'item',
}
