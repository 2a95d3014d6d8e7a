import type { Job } from '#shared/declare/job.ts'
import { isRefreshDue } from '#shared/domain/freshness.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { HistoryStore } from '#shared/domain/ports/history-store.ts'
import type {
  KeyStore,
  OperatorRecordStore,
  RunStore,
  StateStore,
  TaskStore,
} from '#shared/domain/ports/store.ts'
import type { OperatorData } from '#shared/domain/records/operator-record.ts'
import type { DataSource } from '#shared/domain/records/publication.ts'
import { resultPartName } from '#shared/domain/records/run-record.ts'
import type { CacheResult } from './cache.ts'
import type { Datasets } from './datasets.ts'
import type { ColdFill, RefreshTarget } from './refresh-requests.ts'
import type { Representation } from './representation.ts'
import type {
  BatchFillResult,
  FillResult,
  HistoryRange,
  ServableItem,
  ServableSet,
  ViewContext,
} from './view.ts'

/** The part of the store that views read, apart from datasets. */
export interface ViewStore {
  readonly keys: Pick<KeyStore, 'list'>
  readonly history: Pick<HistoryStore, 'list'>
  readonly runs: Pick<RunStore, 'get'>
  readonly tasks: Pick<TaskStore, 'get'>
  readonly states: Pick<StateStore, 'get' | 'getColdEnd'>
  /** Of the operations function only. */
  readonly operatorRecords?: Pick<OperatorRecordStore, 'get'>
}

/** What a {@link StoreViewContext} reads from and reports to. */
export interface ViewPorts {
  readonly version: string
  /** Whether the reader is an operator; by default it is not. */
  readonly isForOperator?: boolean
  readonly datasets: Datasets
  readonly store: ViewStore
  readonly clock: Clock
  /** The input of a job, or of its views, by name. @throws {TypeError} for a name that the job does not declare */
  readonly inputOf: (job: Job, name: string) => Job
  /** Called when a view reads stale data. */
  readonly onStale: (target: RefreshTarget) => Promise<void>
  /** Waits for a key that is not stored. */
  readonly fill: (target: RefreshTarget, key: string) => Promise<ColdFill>
  /** Called with the table's error when a response is made without a value that it could have had. */
  readonly onUnreadable?: (failure: unknown) => void
  /** Called with the source of each value that a view reads. */
  readonly onDataSource?: (dataSource: DataSource) => void
  /** Only for operators: replaces `fill`, and limits which stored values count. */
  readonly liveRefresh?: LiveRefresh
}

/** Refreshes keys for an operator. */
interface LiveRefresh extends Pick<ViewContext, 'fill' | 'fillMany'> {
  /** Whether a stored value is recent enough, so that it need not be refreshed. */
  isNew(value: Representation): boolean
}

/** When more keys than this are stale, one refresh of the whole job is requested instead. */
const MAX_STALE_KEYS = 10

/** Keys of one request that are fetched while the client waits. */
const MAX_FILLS = 10

/** The context of a view over the store. Stale data cause a refresh request. */
export class StoreViewContext implements ViewContext {
  readonly job: Job
  readonly version: string
  readonly isForOperator: boolean
  readonly #ports: ViewPorts

  constructor(job: Job, ports: ViewPorts) {
    this.job = job
    this.version = ports.version
    this.isForOperator = ports.isForOperator ?? false
    this.#ports = ports
  }

  set(): Promise<ServableSet | undefined> {
    return this.#readSet(this.job)
  }

  setOf(input: string): Promise<ServableSet | undefined> {
    return this.#readSet(this.#ports.inputOf(this.job, input))
  }

  async itemOf(viewInput: string, key: string): Promise<ServableItem | undefined> {
    const { datasets, inputOf, onDataSource, onUnreadable } = this.#ports
    const job = inputOf(this.job, viewInput)
    if (job.off !== undefined) return undefined
    const result = await datasets.read(job, key)
    if (!result.value && result.failure !== undefined) {
      onUnreadable?.(result.failure)
      return undefined
    }
    const item = servable(result)
    if (item) onDataSource?.(item.representation.dataSource)
    return item
  }

  async item(key: string): Promise<ServableItem | undefined> {
    const item = this.#usable(await this.#ports.datasets.read(this.job, key))
    if (item && this.#isStale(item)) await this.#ports.onStale(refreshTarget(this.job, key))
    return item
  }

  async items(keys: readonly string[]): Promise<ReadonlyMap<string, ServableItem>> {
    const items = new Map<string, ServableItem>()
    const staleKeys: string[] = []
    for (const [key, result] of await this.#ports.datasets.readMany(this.job, keys)) {
      const item = this.#usable(result)
      if (item) items.set(key, item)
      if (item && this.#isStale(item)) staleKeys.push(key)
    }
    const targets =
      staleKeys.length > MAX_STALE_KEYS
        ? [{ job: this.job }]
        : staleKeys.map((key) => refreshTarget(this.job, key))
    await Promise.all(targets.map(this.#ports.onStale))
    return items
  }

  fill(key: string): Promise<FillResult> {
    return this.#ports.liveRefresh?.fill(key) ?? this.#fillCold(key)
  }

  async fillMany(keys: readonly string[]): Promise<ReadonlyMap<string, BatchFillResult>> {
    const { liveRefresh } = this.#ports
    if (liveRefresh) return liveRefresh.fillMany(keys)
    const fills = keys.slice(0, MAX_FILLS).map(async (key) => [key, await this.#fillCold(key)] as const)
    return new Map<string, BatchFillResult>(await Promise.all(fills))
  }

  keys() {
    return this.#ports.store.keys.list(this.job.id)
  }

  async operatorData(name: string): Promise<OperatorData | undefined> {
    const { operatorRecords } = this.#ports.store
    if (!operatorRecords || !this.job.operatorData.includes(name))
      throw new TypeError(`expected a route for operators of a job that declares ${name}, got ${this.job.id}`)
    const record = await operatorRecords.get(name)
    return record === undefined || record.data === null ? undefined : record
  }

  async history(kind: string, entity: string, range: HistoryRange) {
    const { store, clock } = this.#ports
    const rows = await store.history.list(this.job.id, kind, entity, range)
    return rows.filter(({ expiresAt }) => expiresAt > clock.now())
  }

  run(id: string) {
    return this.#ports.store.runs.get(this.job.id, id)
  }

  page(run: string, page: number) {
    const { store, clock } = this.#ports
    return store.tasks.get(this.job.id, run, resultPartName(page), clock.now())
  }

  state() {
    return this.stateOf(this.job.id)
  }

  stateOf(job: string) {
    return this.#ports.store.states.get(job)
  }

  async #fillCold(key: string): Promise<FillResult> {
    const result = await this.#ports.fill(refreshTarget(this.job, key), key)
    if (result.status !== 'filled') return result
    this.#ports.onDataSource?.(result.value.dataSource)
    return { status: 'filled', item: { representation: result.value, waited: true, isFallback: false } }
  }

  /** The value if it counts as stored: for a live refresh, only recent values do. */
  #usable(result: CacheResult<Representation>): ServableItem | undefined {
    const { liveRefresh, onDataSource } = this.#ports
    const item = servable(result)
    if (!item) return undefined
    onDataSource?.(item.representation.dataSource)
    return liveRefresh === undefined || liveRefresh.isNew(item.representation) ? item : undefined
  }

  async #readSet(job: Job): Promise<ServableSet | undefined> {
    const { datasets, clock, onDataSource, onStale } = this.#ports
    const set = await datasets.set(job)
    if (!set) return undefined
    onDataSource?.(set.times.dataSource)
    if (!set.isFallback && isRefreshDue(set.times, job.freshness, clock.now())) await onStale({ job })
    return set
  }

  #isStale({ representation, isFallback }: ServableItem): boolean {
    return !isFallback && isRefreshDue(representation, this.job.freshness, this.#ports.clock.now())
  }
}

/** The refresh for a key: that key alone, or the whole job if a route reads the key without a view. */
function refreshTarget(job: Job, key: string): RefreshTarget {
  return job.reads.some((route) => route.key === key) ? { job } : { job, key }
}

/** The servable item of a read. @throws the table's error, when nothing is cached either */
function servable({ value, failure }: CacheResult<Representation>): ServableItem | undefined {
  if (value && !value.isAbsent)
    return { representation: value, waited: false, isFallback: failure !== undefined }
  if (failure !== undefined) throw failure
  return undefined
}
