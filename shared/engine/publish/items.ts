import { defined } from '#shared/domain/defined.ts'
import { asRefreshError, assertNever, RefreshError } from '#shared/domain/errors.ts'
import { freshness, freshnessTimes } from '#shared/domain/freshness.ts'
import type { Item } from '#shared/domain/records/publication.ts'
import {
  fetchAll,
  type PlanResult,
  type StoredValue,
  type ValidationResult,
  type ValidItem,
  type ValidValue,
} from '../fetch/fetch-all.ts'
import { noRequestStats } from '../model/results.ts'
import {
  isAlreadyRefreshed,
  type KeyResult,
  type LeasedRun,
  type PlannedRun,
  type Work,
} from '../model/run-state.ts'
import { storeCall } from '../model/store-call.ts'
import type { Blocked } from '../rate-limit/blocked.ts'
import { renderAbsent, renderItem, storedData } from './render.ts'

/** Fetches each key of the plan and publishes it by itself. */
export async function fetchAndPublishItems<V>(
  state: PlannedRun,
  work: Work<V>,
): Promise<PlanResult | Blocked> {
  const { job, ports } = work
  const keys = state.plan.map(({ key }) => key)
  const stored = unexpired(await storeCall(ports.store.items.getMany(job.id, keys)), ports.clock.now())
  const refreshed = [...stored.values()].filter(({ checkedAt }) =>
    isAlreadyRefreshed(state.request, checkedAt),
  )
  const confirmed = refreshed.map(
    ({ key, freshUntil }): KeyResult => ({ key, status: 'unchanged', freshUntil }),
  )
  const refreshedKeys = new Set(refreshed.map(({ key }) => key))
  const requests = state.plan.filter(({ key }) => !refreshedKeys.has(key))
  if (requests.length === 0) return { status: 'done', results: confirmed, stats: noRequestStats }

  const isWhole = state.request.key === undefined
  const requestedKeys = requests.map(({ key }) => key)
  if (isWhole && !(await listKeys(requestedKeys, state, work))) {
    const results = requestedKeys.map((key) => purgedResult(key, work))
    return { status: 'done', results: [...results, ...confirmed], stats: noRequestStats }
  }
  const present = [...stored.values()].filter(({ isAbsent }) => !isAbsent)
  const fetched = await fetchAll({
    requests,
    state,
    stored: new Map(present.map((item) => [item.key, storedItem(item, work)])),
    work,
    settle: (result) => publishResult(result, stored.get(result.key), state, work),
  })
  if (fetched.status === 'blocked') return fetched
  return { status: 'done', results: [...fetched.results, ...confirmed], stats: fetched.stats }
}

/** Lists keys before their items are written; false when an operator has purged the data since the run began. */
function listKeys<V>(
  keys: readonly string[],
  { fence }: LeasedRun,
  { job, ports }: Work<V>,
): Promise<boolean> {
  return storeCall(ports.store.keys.add(job.id, keys, fence))
}

/** The result of a key that was purged after the run began: the run publishes nothing in its place. */
function purgedResult<V>(key: string, { ports }: Work<V>): KeyResult {
  return { key, status: 'superseded', freshUntil: ports.clock.now() }
}

async function publishResult<V>(
  result: ValidationResult,
  stored: Item | undefined,
  state: PlannedRun,
  work: Work<V>,
): Promise<KeyResult> {
  const { key } = result
  try {
    switch (result.kind) {
      case 'value':
        // a requested key is listed once the source has it: readers can invent keys
        if (state.request.key !== undefined && !(await listKeys([key], state, work)))
          return purgedResult(key, work)
        return await publishItem(renderItem(key, expectOneBody(result), state, work), stored, work)
      case 'unchanged':
        return stored
          ? await confirmItem(stored, state, work)
          : failedResult(key, missingConfirmedValue(), stored)
      case 'failure':
        return confirmsAbsence(result.error, stored)
          ? await publishAbsence(key, result.error, stored, state, work)
          : failedResult(key, result.error, stored)
      default:
        return assertNever(result)
    }
  } catch (thrown) {
    return failedResult(key, asRefreshError(thrown), stored)
  }
}

function expectOneBody(result: ValidValue): ValidItem {
  if (result.body) return result
  throw new RefreshError('defect', 'expected one value a request of a job that stores items, got many')
}

function failedResult(key: string, error: RefreshError, stored: Item | undefined): KeyResult {
  const freshUntil = stored?.isAbsent ? undefined : stored?.freshUntil
  return { key, status: 'failed', error, ...defined({ freshUntil }) }
}

/** A "not found" answer is stored only while no value is stored. */
function confirmsAbsence({ reason }: RefreshError, stored: Item | undefined): boolean {
  return reason === 'not-found' && (!stored || stored.isAbsent === true)
}

/**
 * Stores for a short time that the source does not have the key, if the job declares `notFoundFor`. A task still reports
 * the key as failed to its submitter.
 */
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
  if (state.record.task) return failedResult(key, error, stored)
  // an absent key is not overdue earlier than the others
  return result.status === 'failed' ? result : { ...result, freshUntil: work.ports.clock.now() + freshForMs }
}

/** The payload is decoded on first access. A value that cannot be served is not requested conditionally. */
function storedItem<V>(item: Item, { job, refresh, ports }: Work<V>): StoredValue {
  const { asOf, checkedAt, body, validator } = item
  const isServable =
    freshness(item, ports.clock.now()) !== 'gone' && item.renderVersion === refresh.renderVersion
  return {
    previous: {
      asOf,
      checkedAt,
      get data() {
        return storedData(body, job)
      },
    },
    ...defined({ validator: isServable ? validator : undefined }),
  }
}

/** Expired items that DynamoDB has not deleted yet count as absent. */
function unexpired(items: ReadonlyMap<string, Item>, now: number): ReadonlyMap<string, Item> {
  return new Map([...items].filter(([, item]) => item.expiresAt > now))
}

/**
 * Publishes one item on the condition of the fence: a slower, older run never replaces newer data (I1, I4). The same
 * payload under the same render version is only confirmed; a value older than the stored one changes nothing.
 */
async function publishItem<V>(item: Item, stored: Item | undefined, work: Work<V>): Promise<KeyResult> {
  const { job, ports } = work
  const { store, clock } = ports
  const { key } = item
  if (stored && item.asOf < stored.asOf) return ignoredResult(item, stored)
  if (stored && isSameContent(item, stored) && freshness(stored, clock.now()) !== 'gone') {
    const confirmed = await storeCall(store.items.confirm(job.id, item))
    if (confirmed.written) return { key, status: 'unchanged', freshUntil: item.freshUntil }
    if (confirmed.stored && confirmed.stored.fence > item.fence) return conflictResult(item, confirmed.stored)
  }
  const put = await storeCall(store.items.put(job.id, item, clock.now()))
  if (put.written) return { key, status: 'published', freshUntil: item.freshUntil }
  if (put.stored) return conflictResult(item, put.stored)
  if (put.isPurged) return purgedResult(key, work)
  const error = new RefreshError('store', 'the table refused a write, but the stored item cannot be read')
  return { key, status: 'failed', error }
}

function isSameContent(item: Item, stored: Item): boolean {
  return (
    stored.etag === item.etag &&
    stored.renderVersion === item.renderVersion &&
    stored.dataSource === item.dataSource
  )
}

/** The source confirmed the stored value: its times advance, the body stays. A value that is gone is not written again. */
async function confirmItem<V>(stored: Item, state: LeasedRun, work: Work<V>): Promise<KeyResult> {
  const { job, ports } = work
  const times = freshnessTimes(ports.clock.now(), job.freshness)
  const item = { ...stored, ...times, fence: state.fence, runId: state.record.id }
  const confirmed = await storeCall(ports.store.items.confirm(job.id, item))
  if (confirmed.written) return { key: item.key, status: 'unchanged', freshUntil: item.freshUntil }
  if (confirmed.stored) return conflictResult(item, confirmed.stored)
  return confirmed.isPurged
    ? purgedResult(item.key, work)
    : failedResult(item.key, missingConfirmedValue(), undefined)
}

/** Another run published first: under a higher fence it superseded this run, else with a newer `asOf`. */
function conflictResult(item: Item, stored: Item): KeyResult {
  const { key, freshUntil } = stored
  if (stored.fence > item.fence) return { key, status: 'superseded', freshUntil }
  return item.asOf < stored.asOf ? ignoredResult(item, stored) : { key, status: 'unchanged', freshUntil }
}

/** The fetched value is older than the stored one, which stays. */
function ignoredResult({ asOf: fetchedAsOf }: Item, { key, freshUntil, asOf: storedAsOf }: Item): KeyResult {
  return { key, status: 'unchanged', freshUntil, ignored: { storedAsOf, fetchedAsOf } }
}

/** The source confirmed a value that another run has removed or replaced meanwhile. */
export function missingConfirmedValue(): RefreshError {
  return new RefreshError('store', 'the value that the source confirmed is no longer stored')
}
