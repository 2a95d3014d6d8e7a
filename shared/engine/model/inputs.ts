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
  return { inputs: new Map(inputs.filter((one) => one !== undefined)), ...(ownSet ? { ownSet } : {}) }
}

/** The set of a job that is stored now, entries with the times that hold for them. */
export async function readSnapshot<V>(
  job: string,
  { ports }: Pick<Work<V>, 'ports'>,
): Promise<SnapshotSet | undefined> {
  const { snapshots } = ports.store
  return storeCall(
    (async () => {
      const head = await snapshots.head(job, SNAPSHOT_KEY, { consistent: true })
      return head && { head, entries: withConfirmedTimes(head, (await snapshots.entries(job, head)) ?? []) }
    })(),
  )
}

/** What a job's functions may know beside what is asked. */
export function planContext<V>(
  { request, storedInputs: found }: Pick<RunState, 'request' | 'storedInputs'>,
  { job, ports }: Work<V>,
): Omit<PlanContext, 'key' | 'items'> {
  const now = ports.clock.now()
  return {
    job,
    now,
    params: request.params ?? {},
    inputs: found?.inputs ?? new Map(),
    ...(found?.ownSet ? { stored: storedSet(found.ownSet, now) } : {}),
  }
}
