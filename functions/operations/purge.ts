import * as z from 'zod/mini'
import type { Job } from '#shared/declare/job.ts'
import { SNAPSHOT_KEY } from '#shared/domain/records/snapshot.ts'
import { forEachKey } from './all-of.ts'
import { jsonResponse } from './answer.ts'
import { bodyMember, parseBody, textMember } from './body.ts'
import { assertNotRunning } from './idle.ts'
import { expectKey } from './job-keys.ts'
import { jobOfPath } from './named.ts'
import type { OperationHandler, OperationPorts } from './operation.ts'
import { expectOnlyParameters } from './query.ts'
import { withAudit } from './recorded.ts'
import { HttpError, shown } from './refused.ts'

const purgeBody = z.strictObject({
  key: z.optional(textMember('a key', 256)),
  all: z.optional(bodyMember<true>((value) => value === true, 'true')),
  confirm: z.optional(z.unknown()),
})

interface PurgeCounts {
  readonly items: number
  readonly rejected: number
}

/**
 * Deletes what is stored, one key or all of it, with the rejected bodies. The job's id stands for "yes, really". Not while
 * a run is under way: it would carry old entries of a set forward, and publish under keys that were forgotten.
 */
export const purge: OperationHandler = async (call) => {
  const job = jobOfPath(call)
  expectOnlyParameters(call.request.query, [])
  const { key, all, confirm } = parseBody(call.request, purgeBody)
  if ((key === undefined) === (all === undefined)) {
    throw new HttpError({ status: 400, message: 'expected exactly one of key and all: true' })
  }
  if (key !== undefined) expectKey(job, key)
  if (confirm !== job.id) {
    throw new HttpError({ status: 400, message: `confirm: expected ${shown(job.id)}, got ${shown(confirm)}` })
  }
  await assertNotRunning(job, call)
  const change = { action: 'purge', subject: `job:${job.id}`, after: key === undefined ? { all } : { key } }
  const purged = await withAudit(call, change, () => purgeStored(job, key, call.ports))
  return jsonResponse(200, { job: job.id, purged })
}

/**
 * Items go before their keys are forgotten: a purge that stops in between finds the rest when it is repeated. Before
 * either, nobody is told any more that all is fresh.
 */
async function purgeStored(
  job: Job,
  key: string | undefined,
  { store, clock }: OperationPorts,
): Promise<PurgeCounts> {
  const isLoss = key === undefined || (await store.items.get(job.id, key, { consistent: true })) !== undefined
  if (isLoss) {
    const { freshUntil, missingSince } = await store.states.get(job.id)
    const now = clock.now()
    await store.states.setPurged(job.id, Math.min(now, freshUntil ?? missingSince ?? now))
  }
  const asides = (await store.rejected.list(job.id)).map((aside) => aside.key)
  const rejected = key === undefined ? asides : asides.filter((one) => one === key)
  const items =
    job.stored === 'snapshot' ? await removeSnapshot(job, store) : await removeItems(job, key, store)
  await forEachKey(rejected, 'rejected', (one) => store.rejected.remove(job.id, one).then(() => true))
  return { items, rejected: rejected.length }
}

async function removeSnapshot({ id }: Job, { snapshots }: OperationPorts['store']): Promise<number> {
  const head = await snapshots.head(id, SNAPSHOT_KEY, { consistent: true })
  await snapshots.remove(id, SNAPSHOT_KEY)
  return head?.count ?? 0
}

async function removeItems({ id }: Job, key: string | undefined, store: OperationPorts['store']) {
  const keys = key === undefined ? await store.keys.list(id) : [key]
  const removed = await forEachKey(keys, 'items', async (one) => {
    const stored = await store.items.get(id, one, { consistent: true })
    await store.items.remove(id, one)
    return stored !== undefined
  })
  await store.keys.remove(id, keys)
  return removed
}
