import { jobFunction } from '#functions/runtime/job-function.ts'
import { job } from './job.ts'
import { refresh } from './refresh.ts'

export const handler = jobFunction(job, refresh)
