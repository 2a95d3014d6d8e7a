import type { JsonValue } from '#shared/domain/json.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import type { ComposedValue, ServableItem, View, ViewContext, ViewResult } from '#shared/read/view.ts'

const KEY = 'spot'
const DEFAULT_LIMIT = 20
const RETRY_AFTER_S = 60

/** The stored record, as far as this view reads it. */
type StoredRecord = {
  readonly gainers: readonly JsonValue[]
}

/** The first stored pairs, up to the limit; waits for a refresh if none are stored. */
const topGainersView: View = async ({ query }, context) => {
  const limit = Number(query['limit'] ?? DEFAULT_LIMIT)
  const item = await context.item(KEY)
  if (item) return firstGainers(item, limit, context)
  const result = await context.fill(KEY)
  switch (result.status) {
    case 'filled':
      return firstGainers(result.item, limit, context)
    case 'limited':
      return failure(429, Math.ceil(result.retryAfterMs / 1_000))
    case 'empty':
      return failure(503, RETRY_AFTER_S)
    default:
      return result satisfies never
  }
}

function firstGainers(item: ServableItem, limit: number, { job }: ViewContext): ViewResult {
  const compose = (): ComposedValue => {
    const { representation } = item
    const record = JSON.parse(representation.text()) as StoredRecord
    const data = { ...record, gainers: record.gainers.slice(0, limit) }
    return { body: envelopeOf(job.envelope).wrap(data, representation), times: representation }
  }
  return { kind: 'value', from: item, variant: String(limit), compose }
}

function failure(status: 429 | 503, retryAfterS: number): ViewResult {
  const message = status === 429 ? 'too much is asked for at once' : 'top gainers not available'
  return { kind: 'failure', status, message, headers: { 'retry-after': String(retryAfterS) } }
}

/** The documented responses, by the view name of the route. */
export const views = { topGainers: topGainersView } satisfies Readonly<Record<string, View>>
