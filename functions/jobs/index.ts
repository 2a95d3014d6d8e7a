/* The registry: one line a job. */

export { job as globalMarket } from './global-market/job.ts'
