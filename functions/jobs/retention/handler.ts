import { retentionFunction } from '#functions/runtime/retention-function.ts'
import { job } from './job.ts'
import { refresh } from './refresh.ts'

export const handler = retentionFunction(job, refresh)
