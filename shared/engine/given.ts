import type { Entry, Head } from '../ports/records.ts'
import type { RunState, Work } from './context.ts'
import { type FreshnessPolicy, freshness } from './freshness.ts'
import { inTable } from './publish.ts'
import type { JsonValue, PlanContext, StoredSet } from './refresh.ts'
import { isServable, SNAPSHOT_KEY, timedEntries } from './snapshot-view.ts'

/** A stored snapshot as another one is made from it; without entries when its pages cannot be read. */
export interface SnapshotSet<H = Head> {
  readonly head: H
  readonly entries: readonly Entry[]
}

/** What a run finds stored before it plans. */
export interface Given {
  readonly inputs: ReadonlyMap<string, StoredSet>
  /** The job's own set, where it stores one. */
  readonly own?: SnapshotSet
}

/**
 * Reads the datasets that a job declares as inputs, and its own snapshot.
 *
 * @throws {RefreshError} `store` when the table does not answer
 */
export async function given<V>(work: Work<V>): Promise<Given> {
  const { job, ports } = work
  const now = ports.clock.now()
  const [own, ...inputs] = await Promise.all([
    job.stored === 'snapshot' ? snapshotOf(job.id, work) : undefined,
    ...job.inputs.map(async (input) => {
      const set = await snapshotOf(input, work)
      return set && freshness(set.head, now) !== 'gone' ? ([input, storedSet(set, now)] as const) : undefined
    }),
  ])
  return { inputs: new Map(inputs.filter((one) => one !== undefined)), ...(own ? { own } : {}) }
}

/** The set of a job that is stored now, entries with the times that hold for them. */
export async function snapshotOf<V>(
  job: string,
  { ports }: Pick<Work<V>, 'ports'>,
): Promise<SnapshotSet | undefined> {
  const { snapshots } = ports.store
  return inTable(
    (async () => {
      const head = await snapshots.head(job, SNAPSHOT_KEY, { consistent: true })
      return head && { head, entries: timedEntries(head, (await snapshots.entries(job, head)) ?? []) }
    })(),
  )
}

/** What a job's functions may know beside what is asked. */
export function contextOf<V>(
  { request, given: found }: Pick<RunState, 'request' | 'given'>,
  { job, ports }: Work<V>,
): Omit<PlanContext, 'key'> {
  const now = ports.clock.now()
  return {
    job,
    now,
    params: request.params ?? {},
    inputs: found?.inputs ?? new Map(),
    ...(found?.own ? { stored: storedSet(found.own, now) } : {}),
  }
}

/** A set as a job's functions see it: what cannot be served any more is not in it. Entries are decoded when looked at. */
export function storedSet({ head, entries }: SnapshotSet<Omit<Head, 'pages'>>, now: number): StoredSet {
  const policy = policyOf(head)
  const servable = entries.filter((entry) => isServable(entry, policy, now))
  return {
    head: head.whole === undefined ? null : (JSON.parse(head.whole) as JsonValue),
    upstream: head.source,
    fetchedAt: head.fetchedAt,
    entries: new Map(servable.map((entry) => [entry.key, decoded(entry)])),
  }
}

/** An entry's data, parsed when first looked at. */
export function decoded({ asOf, body }: Pick<Entry, 'asOf' | 'body'>) {
  let data: JsonValue | undefined
  return {
    asOf,
    get data() {
      data ??= JSON.parse(body) as JsonValue
      return data
    },
  }
}

/** The policy that a head was published under. */
function policyOf({ checkedAt, freshUntil, staleUntil, expiresAt }: Omit<Head, 'pages'>): FreshnessPolicy {
  return {
    freshForMs: freshUntil - checkedAt,
    serveStaleForMs: staleUntil - checkedAt,
    keepForMs: expiresAt - checkedAt,
  }
}
