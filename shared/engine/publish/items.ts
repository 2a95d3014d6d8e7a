import type { Job } from '#shared/declare/job.ts'
import { defined } from '#shared/domain/defined.ts'
import { asRefreshError, assertNever, RefreshError } from '#shared/domain/errors.ts'
import { freshness } from '#shared/domain/freshness.ts'
import type { Item } from '#shared/domain/records/publication.ts'
import { fetchAll } from '../fetch/fetch-all.ts'
import type {
  PlanResult,
  StoredValue,
  ValidationResult,
  ValidItem,
  ValidValue,
} from '../fetch/fetch-results.ts'
import { planLater } from '../fetch/plan.ts'
import type { UpstreamRequest } from '../model/refresh.ts'
import { missingConfirmedValue, noRequestStats } from '../model/results.ts'
import {
  isAlreadyRefreshed,
  type KeyResult,
  type LeasedRun,
  type PlannedRun,
  type Work,
} from '../model/run-state.ts'
import { storeCall } from '../model/store-call.ts'
import { storedValue } from '../model/stored-value.ts'
import type { Blocked } from '../rate-limit/blocked.ts'
import { writeHistory } from './history-rows.ts'
import { confirmItem, failedResult, publishItem, purgedResult, storedResult } from './publish-item.ts'
import { renderAbsent, renderItem } from './render.ts'

/**
 * Fetches each key of the plan and publishes it by itself, then those that follow from what was published. A key that this
 * run has finished before its worker was killed is not fetched again.
 */
export async function fetchAndPublishItems<V>(
  state: PlannedRun,
  work: Work<V>,
): Promise<PlanResult | Blocked> {
  const { request, storedInputs } = state
  const first = await openRequests(state.plan, storedInputs.ownItems, state, work)
  const followsPlan = request.key === undefined && work.refresh.laterRequests !== undefined
  if (first.requests.length === 0 && !followsPlan)
    return { status: 'done', results: first.results, stats: noRequestStats }
  const stored = new Map(first.items)
  const results = [...first.results]
  const later = async () => {
    const next = await openRequests(await planLater(state, work), undefined, state, work)
    for (const [key, item] of next.items) stored.set(key, item)
    results.push(...next.results)
    return next
  }
  const fetched = await fetchAll({
    ...first,
    state,
    work,
    settle: (result) => publishResult(result, stored.get(result.key), state, work),
    ...defined({ later: followsPlan ? later : undefined }),
  })
  if (fetched.status === 'blocked') return fetched
  const { stats, unfinished } = fetched
  return { status: 'done', results: [...fetched.results, ...results], stats, ...defined({ unfinished }) }
}

/** Requests that are left to make, with what is stored under their keys, and the results that need no request. */
interface OpenRequests {
  readonly requests: readonly UpstreamRequest[]
  readonly items: ReadonlyMap<string, Item>
  readonly stored: ReadonlyMap<string, StoredValue>
  readonly results: readonly KeyResult[]
}

/** Reads what is stored under the keys of requests, unless the plan has read it, and lists the keys of a whole run. */
async function openRequests<V>(
  planned: readonly UpstreamRequest[],
  ownItems: ReadonlyMap<string, Item> | undefined,
  state: PlannedRun,
  work: Work<V>,
): Promise<OpenRequests> {
  const { job, ports } = work
  const keys = planned.map(({ key }) => key)
  const items = ownItems ?? (await storeCall(ports.store.items.getMany(job.id, keys)))
  const finished = [...items.values()].flatMap((item) => finishedResult(item, state, job) ?? [])
  const finishedKeys = new Set(finished.map(({ key }) => key))
  const requests = planned.filter(({ key }) => !finishedKeys.has(key))
  const present = [...items.values()].filter(({ isAbsent }) => !isAbsent)
  const stored = new Map(present.map((item) => [item.key, storedItem(item, work)]))
  const openKeys = requests.map(({ key }) => key)
  const isWhole = state.request.key === undefined
  if (!isWhole || openKeys.length === 0 || (await listKeys(openKeys, state, work)))
    return { requests, items, stored, results: finished }
  const purged = openKeys.map((key) => purgedResult(key, work))
  return { requests: [], items, stored, results: [...purged, ...finished] }
}

/**
 * The result of a key that is up to date before any call: an event that it fulfils is older than its value, or this run,
 * whose fence it has, was interrupted after it.
 */
function finishedResult(item: Item, { request, record, fence }: PlannedRun, job: Job): KeyResult | undefined {
  if (isAlreadyRefreshed(request, item.checkedAt)) return storedResult('unchanged', item, job)
  if (item.fence !== fence || item.isAbsent) return undefined
  return storedResult(item.runId === record.id ? 'published' : 'unchanged', item, job)
}

/** Lists keys before their items are written; false when an operator has purged the data since the run began. */
function listKeys<V>(
  keys: readonly string[],
  { fence }: LeasedRun,
  { job, ports }: Work<V>,
): Promise<boolean> {
  return storeCall(ports.store.keys.add(job.id, keys, fence))
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
        return await publishValue(key, expectOneBody(result), stored, state, work)
      case 'unchanged':
        return stored
          ? await confirmItem(stored, result.answeredAt, state, work)
          : failedResult(key, missingConfirmedValue(), stored, work.job)
      case 'failure':
        return confirmsAbsence(result.error, stored)
          ? await publishAbsence(key, result.error, stored, state, work)
          : failedResult(key, result.error, stored, work.job)
      default:
        return assertNever(result)
    }
  } catch (thrown) {
    return failedResult(key, asRefreshError(thrown), stored, work.job)
  }
}

/** Publishes a value, after its rows of history; those of a value that is older than the stored one are not written. */
async function publishValue<V>(
  key: string,
  value: ValidItem,
  stored: Item | undefined,
  state: LeasedRun,
  work: Work<V>,
): Promise<KeyResult> {
  const item = renderItem(key, value, state, work)
  if (!stored || item.asOf >= stored.asOf || work.job.upstream === undefined)
    await writeHistory(value.body.history ?? [], work)
  return publishItem(item, stored, work, value.body)
}

function expectOneBody(result: ValidValue): ValidItem {
  if (result.body) return result
  throw new RefreshError('defect', 'expected one value a request of a job that stores items, got many')
}

/** Only the provider's own "not found" is stored, and only while no value is; a bare 404 can come from a proxy. */
function confirmsAbsence({ reason, isExplicit }: RefreshError, stored: Item | undefined): boolean {
  return reason === 'not-found' && isExplicit && (!stored || stored.isAbsent === true)
}

/**
 * Stores for a short time that the source does not have the key, if the job declares `notFoundFor`. Only the run that a
 * reader's key started counts that as a result: the plan of a whole run, and a submitter, expect every key to exist.
 */
async function publishAbsence<V>(
  key: string,
  error: RefreshError,
  stored: Item | undefined,
  state: PlannedRun,
  work: Work<V>,
): Promise<KeyResult> {
  const { notFoundForMs, freshForMs } = work.job.freshness
  if (notFoundForMs === undefined) return failedResult(key, error, stored, work.job)
  const result = await publishItem(renderAbsent(key, notFoundForMs, state, work), stored, work)
  if (state.request.key === undefined || state.record.task) return failedResult(key, error, stored, work.job)
  // an absent key is not overdue earlier than the others
  return result.status === 'failed' ? result : { ...result, freshUntil: work.ports.clock.now() + freshForMs }
}

/** A value that cannot be served is not requested conditionally. */
function storedItem<V>(item: Item, { job, refresh, ports }: Work<V>): StoredValue {
  const isServable =
    freshness(item, ports.clock.now()) !== 'gone' && item.renderVersion === refresh.renderVersion
  return {
    previous: storedValue(item, job),
    ...defined({ validator: isServable ? item.validator : undefined }),
  }
}
