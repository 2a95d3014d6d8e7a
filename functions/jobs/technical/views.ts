import { DAY_MS } from '#shared/domain/duration.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import type { ServableItem, View, ViewResult } from '#shared/read/view.ts'

const MAX_ROWS = 100
const RETRY_AFTER_S = 60
const DAILY = '1D'

/** The record of a symbol; with `days`, its records of so many days before too, newest first. */
const technical: View = async ({ parameters, query, now }, context) => {
  const symbol = parameters['symbol'] ?? ''
  const { days, timeframe = DAILY } = query
  if (timeframe !== DAILY) return failure(400, `timeframe: expected ${DAILY}, got ${timeframe}`)
  const item = await context.item(symbol)
  const result = item ? ({ status: 'filled', item } as const) : await context.fill(symbol)
  switch (result.status) {
    case 'filled': {
      if (result.item.representation.isAbsent) return failure(404, `${symbol} is no symbol of the portfolio`)
      if (days === undefined) return recordResponse(result.item)
      const range = { from: now - Number(days) * DAY_MS, to: now, limit: MAX_ROWS }
      const rows = await context.history('daily', symbol, range)
      return historyResponse(
        result.item,
        rows.map(({ data }) => data),
      )
    }
    case 'limited':
      return failure(429, 'too many symbols are asked for at once', Math.ceil(result.retryAfterMs / 1_000))
    case 'empty':
      return failure(503, 'not available yet', RETRY_AFTER_S)
    default:
      return result satisfies never
  }
}

function recordResponse(item: ServableItem): ViewResult {
  return {
    kind: 'value',
    from: item,
    compose: () => ({ body: wrapped(item, recordOf(item)), times: item.representation }),
  }
}

/** The rows may change while the record stays, so that the response is not cached. */
function historyResponse(item: ServableItem, history: readonly JsonValue[]): ViewResult {
  const record = recordOf(item) as { readonly [name: string]: JsonValue }
  return { kind: 'now', status: 200, body: wrapped(item, { ...record, history }) }
}

function wrapped({ representation }: ServableItem, data: JsonValue): JsonValue {
  return envelopeOf('plain').wrap(data, representation)
}

function recordOf({ representation }: ServableItem): JsonValue {
  return JSON.parse(representation.text()) as JsonValue
}

function failure(status: number, message: string, retryAfterS?: number): ViewResult {
  const headers = retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) }
  return { kind: 'failure', status, message, headers }
}

/** The responses, by the view name of the route. */
export const views = { technical } satisfies Readonly<Record<string, View>>
