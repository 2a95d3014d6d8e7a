import { hashOf } from '#shared/domain/codec.ts'
import { DAY_MS, HOUR_MS } from '#shared/domain/duration.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import { notAvailable, type View, type ViewContext } from '#shared/read/view.ts'
import { EVENTS_ENTITY, EVENTS_KIND, type EventFeed, FEED_KEY } from '#shared/systems/macro/event-feed.ts'
import type { EventRecord } from '#shared/systems/macro/event-record.ts'
import { EVENTS_NOTICES } from '#shared/upstreams/macro/settings.ts'

/** Bounds of one request: reads of history, rows of each, and bytes of the events in the answer. */
const MAX_READS = 4
const ROWS = 500
const MAX_BYTES = 1_000_000

/** Rows may be ahead of the clock: an article up to five minutes. */
const AHEAD_MS = HOUR_MS

/** The events of one page as JSON, and the time of the row with which the next one begins; `null` on the last page. */
interface Page {
  readonly events: readonly string[]
  readonly next: number | null
}

/** The rows of a page: times of the oldest and the newest one, and which of them are served. */
interface Selection {
  readonly from: number
  readonly to: number
  readonly limit: number
  /** Rows of one read of history. */
  readonly rows: number
  readonly accepts: (event: EventRecord) => boolean
}

/**
 * The view of events in pages. A page ends at its limit, at 1 MB, and after 2,000 rows, so that filters may leave it with
 * few events or none while `meta.next_cursor` leads on.
 */
const events: View = async ({ query, now }, context) => {
  const item = await context.item(FEED_KEY)
  if (!item) return notAvailable(context.job)
  const { days = '30', category, min_impact: minImpact = '0', limit = '100', cursor } = query
  const page = await readPage(
    {
      from: now - Number(days) * DAY_MS,
      to: Number(cursor ?? now + AHEAD_MS),
      limit: Number(limit),
      // one more than the page has, unless a filter may leave some out
      rows: category === undefined && minImpact === '0' ? Number(limit) + 1 : ROWS,
      accepts: (event) =>
        event.market_impact_score >= Number(minImpact) && (category ?? event.category) === event.category,
    },
    context,
  )
  const data = `[${page.events.join(',')}]`
  return {
    kind: 'joined',
    from: [item],
    variant: `${page.next} ${hashOf(data)}`,
    text: (times) => {
      const { meta } = envelopeOf(context.job.envelope).wrap(null, times) as { readonly meta: object }
      const { days: _, notable: __, provider, ...feed } = JSON.parse(item.representation.text()) as EventFeed
      const nextCursor = page.next === null ? null : String(page.next)
      const members = { ...meta, ...feed, notice: EVENTS_NOTICES[provider], next_cursor: nextCursor }
      return `{"data":${data},"meta":${JSON.stringify(members)}}`
    },
  }
}

async function readPage(
  { from, to, limit, rows: rowLimit, accepts }: Selection,
  context: ViewContext,
): Promise<Page> {
  const accepted: string[] = []
  let bytes = 0
  let next = to
  for (let read = 0; read < MAX_READS; read += 1) {
    const rows = await context.history(EVENTS_KIND, EVENTS_ENTITY, { from, to: next, limit: rowLimit })
    // fewer rows than the limit are no end: one that cannot be decoded is left out
    if (rows.length === 0) return { events: accepted, next: null }
    for (const { at, data } of rows) {
      next = at - 1
      if (!accepts(data as unknown as EventRecord)) continue
      const text = JSON.stringify(data)
      bytes += Buffer.byteLength(text) + 1
      if (accepted.length === limit || bytes > MAX_BYTES) return { events: accepted, next: at }
      accepted.push(text)
    }
  }
  return { events: accepted, next }
}

/** The responses, by the view name of the route. */
export const views = { events } satisfies Readonly<Record<string, View>>
