import { decompress } from '#shared/domain/codec.ts'
import { asRefreshError, assertNever, RefreshError } from '#shared/domain/errors.ts'
import { freshness, freshnessTimes } from '#shared/domain/freshness.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import type { Item } from '#shared/domain/records/publication.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import {
  fetchAll,
  type PlanResult,
  type StoredValue,
  type ValidationResult,
  type ValidItem,
  type ValidValue,
} from '../fetch/fetch-all.ts'
import { isAlreadyRefreshed } from '../gate/gate.ts'
import { noRequestStats } from '../model/results.ts'
import type { KeyResult, LeasedRun, PlannedRun, Work } from '../model/run-state.ts'
import { storeCall } from '../model/store-call.ts'
import type { Blocked } from '../rate-limit/reservation.ts'
import { renderAbsent, renderItem } from './render.ts'

/** Asks for each key of the plan and publishes it by itself. */
export async function fetchAndPublishItems<V>(
  state: PlannedRun,
  work: Work<V>,
): Promise<PlanResult | Blocked> {
  const { job, ports } = work
  const keys = state.plan.map(({ key }) => key)
  const stored = unexpired(await storeCall(ports.store.items.getMany(job.id, keys)), ports.clock.now())
  const done = [...stored.values()].filter(({ checkedAt }) => isAlreadyRefreshed(state.request, checkedAt))
  const confirmed = done.map(({ key, freshUntil }): KeyResult => ({ key, result: 'unchanged', freshUntil }))
  const doneKeys = new Set(done.map(({ key }) => key))
  const toAsk = state.plan.filter(({ key }) => !doneKeys.has(key))
  if (toAsk.length === 0) return { status: 'fulfilled', results: confirmed, stats: noRequestStats }

  const isWhole = state.request.key === undefined
  const added = toAsk.map(({ key }) => key).filter((key) => !stored.has(key))
  if (isWhole && added.length > 0) await storeCall(ports.store.keys.add(job.id, added))
  const values = [...stored.values()].filter(({ isAbsent }) => !isAbsent)
  const known = new Map(values.map((item) => [item.key, storedItem(item, work)]))
  const asked = await fetchAll(toAsk, state, known, work, (judged) =>
    publishResult(judged, stored.get(judged.key), state, work),
  )
  if (asked.status === 'refused') return asked
  return { status: 'fulfilled', results: [...asked.results, ...confirmed], stats: asked.tally }
}

async function publishResult<V>(
  judged: ValidationResult,
  stored: Item | undefined,
  state: PlannedRun,
  work: Work<V>,
): Promise<KeyResult> {
  const { key } = judged
  try {
    switch (judged.answer) {
      case 'value':
        if (state.request.key !== undefined && !stored)
          await storeCall(work.ports.store.keys.add(work.job.id, [key]))
        return await publishItem(renderItem(key, expectOneBody(judged), state, work), stored, work)
      case 'unchanged':
        return stored
          ? await confirmItem(stored, state, work)
          : failedResult(key, missingConfirmedValue(), stored)
      case 'failure':
        return confirmsAbsence(judged.error, stored)
          ? await publishAbsence(key, judged.error, stored, state, work)
          : failedResult(key, judged.error, stored)
      default:
        return assertNever(judged)
    }
  } catch (thrown) {
    return failedResult(key, asRefreshError(thrown), stored)
  }
}

function expectOneBody(judged: ValidValue): ValidItem {
  if (judged.body) return judged
  throw new RefreshError('defect', 'expected one value a request of a job that stores items, got many')
}

function failedResult(key: string, error: RefreshError, stored: Item | undefined): KeyResult {
  const since = stored && !stored.isAbsent ? { freshUntil: stored.freshUntil } : {}
  return { key, result: 'failed', error, ...since }
}

/** "Not found" says something only while nothing better is stored. */
function confirmsAbsence({ reason }: RefreshError, stored: Item | undefined): boolean {
  return reason === 'not-found' && (!stored || stored.isAbsent === true)
}

/** Where the job declares it, it is remembered for a short time that the source does not know the key. */
async function publishAbsence<V>(
  key: string,
  error: RefreshError,
  stored: Item | undefined,
  state: PlannedRun,
  work: Work<V>,
): Promise<KeyResult> {
  const { notFoundForMs, freshForMs } = work.job.freshness
  if (notFoundForMs === undefined) return failedResult(key, error, stored)
  const result = await publishItem(renderAbsent(key, notFoundForMs, state, work), stored, work)
  // the job owes this key nothing sooner than any other
  return result.result === 'failed' ? result : { ...result, freshUntil: work.ports.clock.now() + freshForMs }
}

/** The stored payload is decoded only when the judge looks at it; what cannot be served need not be confirmed. */
function storedItem<V>(item: Item, { job, refresh, ports }: Work<V>): StoredValue {
  const { asOf, checkedAt, body, validator } = item
  const isServable =
    freshness(item, ports.clock.now()) !== 'gone' && item.renderVersion === refresh.renderVersion
  return {
    previous: {
      asOf,
      checkedAt,
      get data() {
        return envelopeOf(job.envelope).unwrap(JSON.parse(decompress(body).toString('utf8')) as JsonValue)
      },
    },
    ...(validator && isServable ? { validator } : {}),
  }
}

/** What clearance has not yet removed counts as absent. */
function unexpired(items: ReadonlyMap<string, Item>, now: number): ReadonlyMap<string, Item> {
  return new Map([...items].filter(([, item]) => item.expiresAt > now))
}

/**
 * Publishes one item, conditional on the fence: a slower, older run never replaces newer data. The same payload under
 * the same rendering is only confirmed; a fetched value older than the stored one advances nothing.
 */
export async function publishItem<V>(
  item: Item,
  stored: Item | undefined,
  { job, ports }: Work<V>,
): Promise<KeyResult> {
  const { store, clock } = ports
  const { key } = item
  if (stored && item.asOf < stored.asOf) return { key, result: 'unchanged', freshUntil: stored.freshUntil }
  const same =
    stored !== undefined &&
    stored.etag === item.etag &&
    stored.renderVersion === item.renderVersion &&
    stored.dataSource === item.dataSource &&
    freshness(stored, clock.now()) !== 'gone'
  if (same) {
    const confirmed = await storeCall(store.items.confirm(job.id, item))
    if (confirmed.written) return { key, result: 'unchanged', freshUntil: item.freshUntil }
    if (confirmed.stored && confirmed.stored.fence > item.fence) return conflictResult(item, confirmed.stored)
  }
  const put = await storeCall(store.items.put(job.id, item, clock.now()))
  if (put.written) return { key, result: 'published', freshUntil: item.freshUntil }
  if (put.stored) return conflictResult(item, put.stored)
  const error = new RefreshError('store', 'the table refused a write, yet what it holds cannot be read')
  return { key, result: 'failed', error }
}

/** The source still has what is stored: its times advance, the body stays. */
export async function confirmItem<V>(stored: Item, state: LeasedRun, work: Work<V>): Promise<KeyResult> {
  const times = freshnessTimes(work.ports.clock.now(), work.job.freshness)
  return publishItem({ ...stored, ...times, fence: state.fence, runId: state.record.id }, stored, work)
}

/** Another run was faster: under a higher fence it superseded this one, else the source's time would go back. */
function conflictResult(item: Item, { fence, freshUntil }: Item): KeyResult {
  return { key: item.key, result: fence > item.fence ? 'superseded' : 'unchanged', freshUntil }
}

/** Nothing is stored that an answer "not changed" could be about: another run has removed or replaced it. */
export function missingConfirmedValue(): RefreshError {
  return new RefreshError('store', 'the value that the source confirmed is not stored any more')
}
