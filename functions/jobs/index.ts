/* The registry: one line for each job. */

export { job as fundingContracts } from '#functions/jobs/funding-contracts/job.ts'
export { job as fundingRates } from '#functions/jobs/funding-rates/job.ts'
export { job as geoEvents } from '#functions/jobs/geo-events/job.ts'
export { job as globalMarket } from '#functions/jobs/global-market/job.ts'
export { job as hama } from '#functions/jobs/hama/job.ts'
export { job as macroIndicators } from '#functions/jobs/macro-indicators/job.ts'
export { job as macroRisk } from '#functions/jobs/macro-risk/job.ts'
export { job as positionScores } from '#functions/jobs/position-scores/job.ts'
export { job as symbolUniverse } from '#functions/jobs/symbol-universe/job.ts'
export { job as topGainers } from '#functions/jobs/top-gainers/job.ts'
export { job as technical } from '#functions/jobs/technical/job.ts'
export { job as fundamental } from '#functions/jobs/fundamental/job.ts'
