import * as z from 'zod/mini'
import type { Job } from '#shared/declare/job.ts'
import { SNAPSHOT_KEY } from '#shared/engine/snapshot-view.ts'
import { allOf } from './all-of.ts'
import { answer } from './answer.ts'
import { bodyOf, member, text } from './body.ts'
import { expectIdle } from './idle.ts'
import { expectKey } from './job-keys.ts'
import { namedJob } from './named.ts'
import type { Operate, OperationPorts } from './operation.ts'
import { expectOnly } from './query.ts'
import { recorded } from './recorded.ts'
import { Refused, shown } from './refused.ts'

const schema = z.strictObject({
  key: z.optional(text('a key', 256)),
  all: z.optional(member<true>((value) => value === true, 'true')),
  confirm: z.optional(z.unknown()),
})

interface Purged {
  readonly items: number
  readonly rejected: number
}

/**
 * Deletes what is stored, one key or all of it, with the rejected bodies. The job's id stands for "yes, really". Not while
 * a run is under way: it would carry old entries of a set forward, and publish under keys that were forgotten.
 */
export const purge: Operate = async (call) => {
  const job = namedJob(call)
  expectOnly(call.request.query, [])
  const { key, all, confirm } = bodyOf(call.request, schema)
  if ((key === undefined) === (all === undefined)) {
    throw new Refused({ status: 400, message: 'expected exactly one of key and all: true' })
  }
  if (key !== undefined) expectKey(job, key)
  if (confirm !== job.id) {
    throw new Refused({ status: 400, message: `confirm: expected ${shown(job.id)}, got ${shown(confirm)}` })
  }
  await expectIdle(job, call)
  const change = { action: 'purge', subject: `job:${job.id}`, after: key === undefined ? { all } : { key } }
  const purged = await recorded(call, change, () => remove(job, key, call.ports))
  return answer(200, { job: job.id, purged })
}

/**
 * Items go before their keys are forgotten: a purge that stops in between finds the rest when it is repeated. Before
 * either, nobody is told any more that all is fresh.
 */
async function remove(job: Job, key: string | undefined, { store, clock }: OperationPorts): Promise<Purged> {
  const isLoss = key === undefined || (await store.items.get(job.id, key, { consistent: true })) !== undefined
  if (isLoss) {
    const { freshUntil, missingSince } = await store.states.get(job.id)
    const now = clock.now()
    await store.states.notePurged(job.id, Math.min(now, freshUntil ?? missingSince ?? now))
  }
  const asides = (await store.asides.list(job.id)).map((aside) => aside.key)
  const rejected = key === undefined ? asides : asides.filter((one) => one === key)
  const items = job.stored === 'snapshot' ? await removeSet(job, store) : await removeItems(job, key, store)
  await allOf(rejected, 'rejected', (one) => store.asides.remove(job.id, one).then(() => true))
  return { items, rejected: rejected.length }
}

async function removeSet({ id }: Job, { snapshots }: OperationPorts['store']): Promise<number> {
  const head = await snapshots.head(id, SNAPSHOT_KEY, { consistent: true })
  await snapshots.remove(id, SNAPSHOT_KEY)
  return head?.count ?? 0
}

async function removeItems({ id }: Job, key: string | undefined, store: OperationPorts['store']) {
  const keys = key === undefined ? await store.keys.list(id) : [key]
  const removed = await allOf(keys, 'items', async (one) => {
    const stored = await store.items.get(id, one, { consistent: true })
    await store.items.remove(id, one)
    return stored !== undefined
  })
  await store.keys.remove(id, keys)
  return removed
}
