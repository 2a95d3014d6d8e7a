import { defined } from '#shared/domain/defined.ts'
import { freshness } from '#shared/domain/freshness.ts'
import {
  SNAPSHOT_KEY,
  type SnapshotSet,
  storedSet,
  withConfirmedTimes,
} from '#shared/domain/records/snapshot.ts'
import type { PlanContext } from './refresh.ts'
import type { RunState, StoredInputs, Work } from './run-state.ts'
import { storeCall } from './store-call.ts'

/**
 * Reads the datasets that a job declares as inputs, and its own snapshot.
 *
 * @throws {RefreshError} `store` when the table does not answer
 */
export async function readInputs<V>(work: Work<V>): Promise<StoredInputs> {
  const { job, ports } = work
  const now = ports.clock.now()
  const [ownSet, ...inputs] = await Promise.all([
    job.stored === 'snapshot' ? readSnapshot(job.id, work) : undefined,
    ...job.inputs.map(async (input) => {
      const set = await readSnapshot(input, work)
      return set && freshness(set.head, now) !== 'gone' ? ([input, storedSet(set, now)] as const) : undefined
    }),
  ])
  return {
    inputs: new Map(inputs.filter((input) => input !== undefined)),
    ...defined({ ownSet, stored: ownSet && storedSet(ownSet, now) }),
  }
}

/** The stored snapshot of a job, each entry with its current times. */
export async function readSnapshot<V>(
  job: string,
  { ports }: Pick<Work<V>, 'ports'>,
): Promise<SnapshotSet | undefined> {
  const { snapshots } = ports.store
  const head = await storeCall(snapshots.head(job, SNAPSHOT_KEY, { consistent: true }))
  if (!head) return undefined
  const entries = await storeCall(snapshots.entries(job, head))
  return { head, entries: withConfirmedTimes(head, entries ?? []) }
}

/** The part of the context that all functions of a job get. */
export function planContext<V>(
  { request, storedInputs }: Pick<RunState, 'request' | 'storedInputs'>,
  { job, ports }: Work<V>,
): Omit<PlanContext, 'key' | 'items'> {
  return {
    job,
    now: ports.clock.now(),
    params: request.params ?? {},
    inputs: storedInputs?.inputs ?? new Map(),
    ...defined({ stored: storedInputs?.stored }),
  }
}
