import type { Job } from '#shared/declare/job.ts'
import { freshness } from '#shared/domain/freshness.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { HistoryStore, RunStore, StateStore, TaskStore } from '#shared/domain/ports/store.ts'
import type { DataSource } from '#shared/domain/records/publication.ts'
import { resultPartName } from '#shared/domain/records/run-record.ts'
import type { CacheResult } from './cache.ts'
import type { Datasets } from './datasets.ts'
import type { ColdFill, RefreshTarget } from './refresh-requests.ts'
import type { Representation } from './representation.ts'
import type { BatchFillResult, ServableItem, ViewContext } from './view.ts'

/** What shapes look at beside datasets. */
export interface ViewStore {
  readonly history: Pick<HistoryStore, 'list'>
  readonly runs: Pick<RunStore, 'get'>
  readonly tasks: Pick<TaskStore, 'get'>
  readonly states: Pick<StateStore, 'get'>
}

export interface ViewPorts {
  readonly datasets: Datasets
  readonly store: ViewStore
  readonly clock: Clock
  /** The job that is an input of others. @throws {TypeError} for one that nobody knows */
  readonly inputOf: (job: Job, name: string) => Job
  /** A reader has a stale answer. */
  readonly onStale: (wanted: RefreshTarget) => Promise<void>
  /** Waits for what is not stored. */
  readonly fill: (wanted: RefreshTarget, key: string) => Promise<ColdFill>
  /** Told where each value comes from that is looked at. */
  readonly onDataSource?: (dataSource: DataSource) => void
  /** In place of what is stored and what is waited for, where operators have keys renewed. */
  readonly liveRefresh?: LiveRefresh
}

/** How keys are renewed for an operator. */
export interface LiveRefresh extends Pick<ViewContext, 'fill' | 'fillMany'> {
  /** Whether a value is as new as a renewed one would be. */
  isNew(value: Representation): boolean
}

/** When more keys than these are stale, a run of all of them is asked for. */
const MAX_STALE_KEYS = 10

/** Keys of one request that are fetched while its reader waits. */
const MAX_FILLS = 10

/** What the shapes of a job may look at. */
export function viewContext(
  job: Job,
  { datasets, store, clock, inputOf, onStale, fill, onDataSource = () => {}, liveRefresh }: ViewPorts,
): ViewContext {
  const fillOne: ViewContext['fill'] = async (key) => {
    const filled = await fill(refreshTarget(job, key), key)
    if (filled.status !== 'filled') return filled
    return { status: 'filled', item: { representation: filled.value, waited: true, isFallback: false } }
  }
  return {
    job,
    set: () => servableSet(job),
    setOf: (input) => servableSet(inputOf(job, input)),
    item: async (key) => {
      const item = counted(await datasets.read(job, key))
      if (item && isStale(item)) await onStale(refreshTarget(job, key))
      return item
    },
    items: async (keys) => {
      const items = new Map<string, ServableItem>()
      const stale: string[] = []
      for (const [key, copy] of await datasets.readMany(job, keys)) {
        const item = counted(copy)
        if (item) items.set(key, item)
        if (item && isStale(item)) stale.push(key)
      }
      const wanted = stale.length > MAX_STALE_KEYS ? [{ job }] : stale.map((key) => refreshTarget(job, key))
      await Promise.all(wanted.map(onStale))
      return items
    },
    fill: liveRefresh?.fill ?? fillOne,
    fillMany:
      liveRefresh?.fillMany ??
      (async (keys) => {
        const filled = keys.slice(0, MAX_FILLS).map(async (key) => [key, await fillOne(key)] as const)
        return new Map<string, BatchFillResult>(await Promise.all(filled))
      }),
    history: async (kind, entity, range) => {
      const rows = await store.history.list(job.id, kind, entity, range)
      return rows.filter(({ expiresAt }) => expiresAt > clock.now())
    },
    run: (id) => store.runs.get(job.id, id),
    page: (run, page) => store.tasks.get(job.id, run, resultPartName(page), clock.now()),
    state: () => store.states.get(job.id),
    stateOf: (other) => store.states.get(other),
  }

  /** What counts as stored. */
  function counted(copy: CacheResult<Representation>): ServableItem | undefined {
    const item = servable(copy)
    if (item) onDataSource(item.representation.dataSource)
    return item && (liveRefresh === undefined || liveRefresh.isNew(item.representation)) ? item : undefined
  }

  async function servableSet(of: Job) {
    const set = await datasets.set(of)
    if (set) onDataSource(set.times.dataSource)
    if (set && !set.isFallback && freshness(set.times, clock.now()) === 'stale') await onStale({ job: of })
    return set
  }

  function isStale({ representation, isFallback }: ServableItem): boolean {
    return !isFallback && freshness(representation, clock.now()) === 'stale'
  }
}

/** What is refreshed for a key: all of a job whose routes name it as it is, as where no shape is. */
function refreshTarget(job: Job, key: string): RefreshTarget {
  return job.reads.some((route) => route.key === key) ? { job } : { job, key }
}

/** What a look at one key has found. @throws what the table threw, where no copy is left */
function servable({ value, failure }: CacheResult<Representation>): ServableItem | undefined {
  if (value && !value.isAbsent)
    return { representation: value, waited: false, isFallback: failure !== undefined }
  if (failure !== undefined) throw failure
  return undefined
}
