/* The registry: one line a job. */

export { job as fundingContracts } from './funding-contracts/job.ts'
export { job as fundingRates } from './funding-rates/job.ts'
export { job as globalMarket } from './global-market/job.ts'
export { job as hama } from './hama/job.ts'
export { job as symbolUniverse } from './symbol-universe/job.ts'
export { job as topGainers } from './top-gainers/job.ts'
