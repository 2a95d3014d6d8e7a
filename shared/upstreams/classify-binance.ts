import type { HttpResponse } from '#shared/domain/ports/http.ts'
import { type Classified, classify, type ProviderFailure } from './classify.ts'
import { waitUntil } from './retry-after.ts'

const DEFAULT_COOL_DOWN_MS = 60_000
const BAN_MS = 10 * DEFAULT_COOL_DOWN_MS

/** The header of every answer that has the weight of the running minute so far, of all calls from our address. */
export const USED_WEIGHT = 'x-mbx-used-weight-1m'

/** The provider's own faults that may pass: unknown error, disconnected, timeout, overloaded. */
const PASSING_CODES = [-1000, -1001, -1007, -1008]

/**
 * What an answer of Binance means, of its futures as of its spot market.
 *
 * @param now - milliseconds since the epoch
 * @see https://developers.binance.com/docs/binance-spot-api-docs/errors
 */
export function classifyBinance(answer: HttpResponse, now: number): Classified {
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
