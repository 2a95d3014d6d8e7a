import { DAY_MS } from '#shared/domain/duration.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import { type AvailabilityTexts, unavailableResponse } from './availability.ts'
import {
  notAvailable,
  type ServableItem,
  type View,
  type ViewContext,
  type ViewRequest,
  type ViewResult,
} from './view.ts'

/** How the records of a job that stores items are served. */
interface RecordViewOptions {
  /** The parameter of the path that has the key. */
  readonly parameter: string
  /** The kind of history rows that `days` adds. */
  readonly historyKind: string
  /** The message of status 404, for a key of which the source has nothing. */
  readonly notFoundMessage: (key: string) => string
  /** Checks the query; returns the message of status 400. */
  readonly checkQuery?: (query: Readonly<Record<string, string | undefined>>) => string | undefined
}

const MAX_HISTORY_ROWS = 200
const TEXTS: AvailabilityTexts = {
  unavailable: 'not available yet',
  limited: 'too many records are requested at once',
}

/**
 * The view of one record. With the query `days`, its member `history` has the records of so many days before, newest
 * first. A key that is not stored is requested, and awaited for at most 8 s.
 */
export function recordView({ parameter, historyKind, notFoundMessage, checkQuery }: RecordViewOptions): View {
  return async ({ parameters, query, now }, context) => {
    const key = parameters[parameter] ?? ''
    const wrong = checkQuery?.(query)
    if (wrong !== undefined) return failure(400, wrong)
    const item = await context.item(key)
    const result = item ? ({ status: 'filled', item } as const) : await context.fill(key)
    switch (result.status) {
      case 'filled': {
        if (result.item.representation.isAbsent) return failure(404, notFoundMessage(key))
        if (query['days'] === undefined) return recordResponse(result.item, context)
        const range = { from: now - Number(query['days']) * DAY_MS, to: now, limit: MAX_HISTORY_ROWS }
        const rows = await context.history(historyKind, key, range)
        return historyResponse(
          result.item,
          rows.map(({ data }) => data),
          context,
        )
      }
      default:
        return unavailableResponse(result, context.job, TEXTS)
    }
  }
}

/**
 * The view of one entry of a job that stores a snapshot, with the times of that entry. Status 404 for a key that the set
 * does not have, or whose entry is too old to be served.
 *
 * @param parameter - of the path, that has the key
 */
export function entryView(parameter: string): View {
  return async ({ parameters }, context) => {
    const key = parameters[parameter] ?? ''
    const stored = await context.set()
    if (!stored) return notAvailable(context.job)
    const data = stored.set.entries.get(key)?.data
    if (data === undefined) return failure(404, `${context.job.title}: nothing is stored of ${key}`)
    const compose = () => {
      const times = stored.timesOf([key])
      return { body: envelopeOf(context.job.envelope).wrap(data, times), times }
    }
    return { kind: 'value', from: stored, variant: key, compose }
  }
}

const MAX_PAGE = 100

/** The view of all records of {@link recordListWith}, without further members. */
export const recordList: View = (request, context) => listRecords(request, context, {})

/**
 * The view of all records that can be served, in the order of their keys and in pages. Query: `limit`, 100 by default, and
 * `cursor`, the `meta.next_cursor` of the page before, which is `null` on the last one.
 *
 * @param members - further members of `meta`, such as a notice that the terms of a source require
 */
export function recordListWith(members: Readonly<Record<string, string>>): View {
  return (request, context) => listRecords(request, context, members)
}

async function listRecords(
  { query }: ViewRequest,
  context: ViewContext,
  members: Readonly<Record<string, string>>,
): Promise<ViewResult> {
  const { cursor = '', limit = String(MAX_PAGE) } = query
  const later = (await context.keys()).filter((key) => key > cursor)
  const keys = later.slice(0, Number(limit))
  const stored = await context.items(keys)
  const items = keys.flatMap((key) => stored.get(key) ?? [])
  const nextCursor = later.length > keys.length ? (keys.at(-1) ?? null) : null
  if (items.length === 0 && nextCursor === null && cursor === '') return notAvailable(context.job)
  if (items.length === 0) {
    const meta = { as_of: null, fetched_at: null, degraded: false, next_cursor: nextCursor, ...members }
    return { kind: 'now', status: 200, body: { data: [], meta } }
  }
  return {
    kind: 'joined',
    from: items,
    variant: `${nextCursor}`,
    text: (times) => {
      const records = items.map(({ representation }) => representation.text())
      const { meta } = envelopeOf(context.job.envelope).wrap(null, times) as { readonly meta: object }
      return `{"data":[${records.join(',')}],"meta":${JSON.stringify({ ...meta, next_cursor: nextCursor, ...members })}}`
    },
  }
}

function recordResponse(item: ServableItem, context: ViewContext): ViewResult {
  return {
    kind: 'value',
    from: item,
    compose: () => ({ body: wrapped(item, recordOf(item), context), times: item.representation }),
  }
}

/** The rows may change while the record stays, so that the response is not cached. */
function historyResponse(
  item: ServableItem,
  history: readonly JsonValue[],
  context: ViewContext,
): ViewResult {
  const record = recordOf(item) as { readonly [name: string]: JsonValue }
  return { kind: 'now', status: 200, body: wrapped(item, { ...record, history }, context) }
}

function wrapped({ representation }: ServableItem, data: JsonValue, { job }: ViewContext): JsonValue {
  return envelopeOf(job.envelope).wrap(data, representation)
}

function recordOf({ representation }: ServableItem): JsonValue {
  return JSON.parse(representation.text()) as JsonValue
}

function failure(status: number, message: string): ViewResult {
  return { kind: 'failure', status, message }
}
