import { RefreshError } from '#shared/domain/errors.ts'
import type { Store } from '#shared/domain/ports/store.ts'
import type { Ready, Work } from '../context.ts'
import { fulfilItems } from '../fulfil-items.ts'
import { askShares } from '../fulfil-snapshot.ts'
import { given } from '../given.ts'
import { jobUnder } from '../override.ts'
import { type ChunkEnd, taskParts } from './parts.ts'
import { taskRun } from './task-run.ts'
import { CLOSE_MS, isLive } from './task-state.ts'

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
  const found = await taskRun(run, declared, stopBy)
  const parts = taskParts(run, declared)
  if (!found || (await parts.end(index))) return
  const [begun, plan] = await Promise.all([parts.begun(), parts.chunk(index)])
  const { fence } = found.state
  if (!plan || fence === undefined) throw new TypeError(`expected chunk ${index} of ${run}, got none`)
  const work = { ...declared, job: jobUnder(begun.overrides, declared.job) }
  const state: Ready = { ...found.state, ...begun, fence, plan, given: await given(work) }
  await parts.keepEnd(index, await chunkEnd(state, whileLive(run, work)))
}

async function chunkEnd<V>(state: Ready, work: Work<V>): Promise<ChunkEnd> {
  const keys = state.plan.map(({ key }) => key)
  if (work.job.stored === 'snapshot') {
    const asked = await askShares(state, work)
    if (asked.status === 'refused') return { end: 'refused', refusal: asked, keys }
    return { end: 'shares', shares: asked.results, tally: asked.tally }
  }
  const ended = await fulfilItems(state, work)
  if (ended.status === 'refused') return { end: 'refused', refusal: ended, keys }
  return { end: 'results', results: ended.results, tally: ended.tally }
}

/**
 * The same work over a table that takes no item any more once the task has ended, or is about to: a write that is on
 * its way lands before the deadline.
 */
function whileLive<V>(run: string, work: Work<V>): Work<V> {
  const { job, ports } = work
  const expectLive = async () => {
    const record = await ports.store.runs.get(job.id, run)
    if (record && isLive(record, ports.clock.now() + CLOSE_MS)) return
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
