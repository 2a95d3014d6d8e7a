import { taskFunction } from '#functions/task-function.ts'
import { job } from './job.ts'
import { refresh } from './refresh.ts'

export const handler = taskFunction(job, refresh)
