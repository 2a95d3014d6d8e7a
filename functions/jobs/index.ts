/* The registry: one line a job. */

export { job as fundingContracts } from './funding-contracts/job.ts'
export { job as fundingRates } from './funding-rates/job.ts'
export { job as globalMarket } from './global-market/job.ts'
