import * as z from 'zod/mini'
import { answer } from './answer.ts'
import { bodyOf, member, text } from './body.ts'
import { invalidated } from './invalidate.ts'
import { namedJob } from './named.ts'
import type { Operate } from './operation.ts'
import { expectOnly } from './query.ts'

const one = z.strictObject({
  dataset: text('the name of a dataset', 100),
  key: z.optional(text('a key', 256)),
})

const all = z.strictObject({ confirm: member<'clear'>((value) => value === 'clear', '"clear"') })

/** Marks one dataset as stale, or one key of it, in the documented shape. */
export const invalidateDataset: Operate = async (call) => {
  expectOnly(call.request.query, [])
  const { dataset, key } = bodyOf(call.request, one)
  const job = namedJob({ ...call, id: dataset })
  return answer(200, {
    invalidated: await invalidated(job, key === undefined ? { all: true } : { key }, call),
  })
}

/** Marks every dataset as stale, in the documented shape; one after the other, so that a failure tells which were not. */
export const clearDatasets: Operate = async (call) => {
  expectOnly(call.request.query, [])
  bodyOf(call.request, all)
  const counts: Record<string, number> = {}
  for (const job of call.system.jobs) counts[job.id] = await invalidated(job, { all: true }, call)
  return answer(200, { invalidated: counts })
}
