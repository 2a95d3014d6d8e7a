import { taskFunction } from '#functions/runtime/job-function.ts'
import { job } from './job.ts'
import { refresh } from './refresh.ts'

export const handler = taskFunction(job, refresh)
