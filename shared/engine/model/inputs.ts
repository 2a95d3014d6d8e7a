import { defined } from '#shared/domain/defined.ts'
import { freshness } from '#shared/domain/freshness.ts'
import type { Item } from '#shared/domain/records/publication.ts'
import {
  SNAPSHOT_KEY,
  type SnapshotSet,
  storedSet,
  withConfirmedTimes,
} from '#shared/domain/records/snapshot.ts'
import type { Index, PlanContext } from './refresh.ts'
import type { RunState, StoredInputs, Work } from './run-state.ts'
import { storeCall } from './store-call.ts'
import { storedRecord, storedValue } from './stored-value.ts'

const NO_ITEMS = new Map<string, never>()
const NO_INDEX: Index = { storedItems: NO_ITEMS, inputItems: NO_ITEMS }

/**
 * Reads the snapshots and the data of operators that a job declares, and its own snapshot.
 *
 * @throws {RefreshError} `store` when the table does not answer
 */
export async function readInputs<V>(work: Work<V>): Promise<StoredInputs> {
  const { job, ports } = work
  const now = ports.clock.now()
  const snapshots = job.inputs.filter((input) => !job.itemInputs.includes(input))
  const [ownSet, operatorData, ...inputs] = await Promise.all([
    job.stored === 'snapshot' ? readSnapshot(job.id, work) : undefined,
    readOperatorData(work),
    ...snapshots.map(async (input) => {
      const set = await readSnapshot(input, work)
      return set && freshness(set.head, now) !== 'gone' ? ([input, storedSet(set, now)] as const) : undefined
    }),
  ])
  return {
    inputs: new Map(inputs.filter((input) => input !== undefined)),
    operatorData,
    storedItems: NO_ITEMS,
    absentItems: NO_ITEMS,
    inputItems: NO_ITEMS,
    simulatedKeys: new Set(),
    simulatedInputKeys: new Set(),
    ...defined({ ownSet, stored: ownSet && storedSet(ownSet, now) }),
  }
}

async function readOperatorData<V>({ job, ports }: Work<V>): Promise<StoredInputs['operatorData']> {
  const records = await Promise.all(
    job.operatorData.map(
      async (name) => [name, await storeCall(ports.store.operatorRecords.get(name))] as const,
    ),
  )
  return new Map(
    records.flatMap(([name, record]) =>
      record === undefined || record.data === null ? [] : [[name, record]],
    ),
  )
}

/** What is stored under the keys of a plan. */
export type ItemInputs = Pick<
  StoredInputs,
  'ownItems' | 'storedItems' | 'absentItems' | 'inputItems' | 'simulatedKeys' | 'simulatedInputKeys'
>

/**
 * Reads the items under the keys of a plan: the job's own, and those of its inputs that may still be served.
 *
 * @throws {RefreshError} `store` when the table does not answer
 */
export async function readItems<V>(keys: readonly string[], work: Work<V>): Promise<ItemInputs> {
  const { job, ports } = work
  const now = ports.clock.now()
  const read = (id: string) => storeCall(ports.store.items.getMany(id, keys))
  const [ownItems, inputs] = await Promise.all([read(job.id), Promise.all(job.itemInputs.map(read))])
  const own = [...ownItems.values()].filter(({ isAbsent }) => !isAbsent)
  const usable = inputs.map((items) =>
    [...items.values()].filter((item) => !item.isAbsent && freshness(item, now) !== 'gone'),
  )
  return {
    ownItems,
    storedItems: new Map(own.map((item) => [item.key, storedValue(item, job)])),
    absentItems: new Map(
      [...ownItems.values()].flatMap(({ key, isAbsent, checkedAt }) => (isAbsent ? [[key, checkedAt]] : [])),
    ),
    inputItems: new Map(
      job.itemInputs.map((id, index) => [
        id,
        new Map(usable[index]?.map((item) => [item.key, storedRecord(item)])),
      ]),
    ),
    // a derived value is computed from its inputs alone
    simulatedKeys: job.upstream === undefined ? new Set() : keysOfSimulated(own),
    simulatedInputKeys: keysOfSimulatedInputs(keys, usable.flat()),
  }
}

/**
 * Reads the items that decide which keys a run has.
 *
 * @throws {RefreshError} `store` when the table does not answer
 */
export async function readIndex<V>(context: BaseContext, work: Work<V>): Promise<Index> {
  const keys = work.refresh.indexKeys?.(context) ?? []
  if (keys.length === 0) return NO_INDEX
  const { storedItems, inputItems } = await readItems(keys, work)
  return { storedItems, inputItems }
}

function keysOfSimulated(items: readonly Item[]): ReadonlySet<string> {
  return new Set(items.filter(({ dataSource }) => dataSource === 'simulated').map(({ key }) => key))
}

/** The keys of which an input is simulated. A key that no input has may depend on all of them. */
function keysOfSimulatedInputs(keys: readonly string[], inputs: readonly Item[]): ReadonlySet<string> {
  const simulated = keysOfSimulated(inputs)
  const present = new Set(inputs.map(({ key }) => key))
  return new Set(keys.filter((key) => (present.has(key) ? simulated.has(key) : simulated.size > 0)))
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

type BaseContext = Omit<PlanContext, 'key' | 'items' | 'index'>

/** The part of the context that all functions of a job get. */
export function planContext<V>(
  { request, storedInputs }: Pick<RunState, 'request' | 'storedInputs'>,
  { job, ports }: Work<V>,
): BaseContext {
  return {
    job,
    now: ports.clock.now(),
    cause: request.cause,
    params: request.params ?? {},
    inputs: storedInputs?.inputs ?? new Map(),
    operatorData: storedInputs?.operatorData ?? NO_ITEMS,
    storedItems: storedInputs?.storedItems ?? NO_ITEMS,
    absentItems: storedInputs?.absentItems ?? NO_ITEMS,
    inputItems: storedInputs?.inputItems ?? NO_ITEMS,
    ...defined({ stored: storedInputs?.stored }),
  }
}
