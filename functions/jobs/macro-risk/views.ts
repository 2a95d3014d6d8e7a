import { DAY_MS } from '#shared/domain/duration.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import { notAvailable, type View } from '#shared/read/view.ts'

const KEY = 'overall'
/** Six-hourly runs and those after inputs, of 90 days. */
const MAX_ROWS = 1_500

/** The stored overview with its times; with `days`, the scores of former runs too. */
const overview: View = async ({ query, now }, context) => {
  const item = await context.item(KEY)
  if (!item) return notAvailable(context.job)
  const { representation } = item
  const stored = JSON.parse(representation.text())
  const { meta } = envelopeOf('plain').wrap(null, representation) as { readonly meta: object }
  const body = {
    timestamp: isoSeconds(representation.fetchedAt),
    ai_analysis: null,
    ...stored,
    meta: { ...meta, ...stored.meta },
  }
  if (query['days'] === undefined)
    return { kind: 'value', from: item, compose: () => ({ body, times: representation }) }
  const range = { from: now - Number(query['days']) * DAY_MS, to: now, limit: MAX_ROWS }
  const rows = await context.history('risks', KEY, range)
  return { kind: 'now', status: 200, body: { ...body, history: rows.map(({ data }) => data) } }
}

/** The responses, by the view name of the route. */
export const views = { overview } satisfies Readonly<Record<string, View>>
