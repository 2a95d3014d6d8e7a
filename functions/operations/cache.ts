import * as z from 'zod/mini'
import { jsonResponse } from './answer.ts'
import { bodyMember, parseBody, textMember } from './body.ts'
import { invalidateStored } from './invalidate.ts'
import { jobOfPath } from './named.ts'
import type { OperationHandler } from './operation.ts'
import { expectOnlyParameters } from './query.ts'

const invalidateDatasetBody = z.strictObject({
  dataset: textMember('the name of a dataset', 100),
  key: z.optional(textMember('a key', 256)),
})

const clearDatasetsBody = z.strictObject({
  confirm: bodyMember<'clear'>((value) => value === 'clear', '"clear"'),
})

/** Marks one dataset as stale, or one key of it, in the documented shape. */
export const invalidateDataset: OperationHandler = async (call) => {
  expectOnlyParameters(call.request.query, [])
  const { dataset, key } = parseBody(call.request, invalidateDatasetBody)
  const job = jobOfPath({ ...call, id: dataset })
  return jsonResponse(200, {
    invalidated: await invalidateStored(job, key === undefined ? { all: true } : { key }, call),
  })
}

/** Marks every dataset as stale, in the documented shape; one after the other, so that a failure tells which were not. */
export const clearDatasets: OperationHandler = async (call) => {
  expectOnlyParameters(call.request.query, [])
  parseBody(call.request, clearDatasetsBody)
  const counts: Record<string, number> = {}
  for (const job of call.system.jobs) counts[job.id] = await invalidateStored(job, { all: true }, call)
  return jsonResponse(200, { invalidated: counts })
}
