import { RefreshError } from '#shared/domain/errors.ts'
import type { Store } from '#shared/domain/ports/store.ts'
import { CLOSE_CUTOFF_MS, isLive } from '#shared/domain/records/run-record.ts'
import { readInputs } from '../model/inputs.ts'
import { applyOverrides } from '../model/overrides.ts'
import type { PlannedRun, Work } from '../model/run-state.ts'
import { fetchAndPublishItems } from '../publish/items.ts'
import { fetchMembers } from '../publish/snapshot.ts'
import { type ChunkResult, taskParts } from './task-parts.ts'
import { readTask } from './task-run.ts'

/**
 * One part of a task's plan: items are published as they come, members of a snapshot are kept for the last step. Said
 * again after it was done, it does nothing; of a task that has ended it publishes nothing any more.
 */
export async function runChunk<V>(
  run: string,
  index: number,
  declared: Work<V>,
  stopBy: number,
): Promise<void> {
  const found = await readTask(run, declared, stopBy)
  const parts = taskParts(run, declared)
  if (!found || (await parts.readResult(index))) return
  const [begun, plan] = await Promise.all([parts.readContext(), parts.readChunk(index)])
  const { fence } = found.state
  if (!plan || fence === undefined) throw new TypeError(`expected chunk ${index} of ${run}, got none`)
  const work = { ...declared, job: applyOverrides(begun.overrides, declared.job) }
  const state: PlannedRun = { ...found.state, ...begun, fence, plan, storedInputs: await readInputs(work) }
  await parts.writeResult(index, await chunkResult(state, guardedWork(run, work)))
}

async function chunkResult<V>(state: PlannedRun, work: Work<V>): Promise<ChunkResult> {
  const keys = state.plan.map(({ key }) => key)
  if (work.job.stored === 'snapshot') {
    const asked = await fetchMembers(state, work)
    if (asked.status === 'refused') return { kind: 'refused', blocked: asked, keys }
    return { kind: 'shares', batches: asked.results, stats: asked.tally }
  }
  const ended = await fetchAndPublishItems(state, work)
  if (ended.status === 'refused') return { kind: 'refused', blocked: ended, keys }
  return { kind: 'results', results: ended.results, stats: ended.stats }
}

/**
 * The same work over a table that takes no item any more once the task has ended, or is about to: a write that is on
 * its way lands before the deadline.
 */
function guardedWork<V>(run: string, work: Work<V>): Work<V> {
  const { job, ports } = work
  const expectLive = async () => {
    const record = await ports.store.runs.get(job.id, run)
    if (record && isLive(record, ports.clock.now() + CLOSE_CUTOFF_MS)) return
    throw new RefreshError('cancelled', 'the task has ended before this was published', { scope: 'provider' })
  }
  const { items } = ports.store
  const guarded: Store['items'] = {
    ...items,
    put: async (...what) => {
      await expectLive()
      return items.put(...what)
    },
    confirm: async (...what) => {
      await expectLive()
      return items.confirm(...what)
    },
  }
  return { ...work, ports: { ...ports, store: { ...ports.store, items: guarded } } }
}
