import { activeJobs } from '#infra/definitions/cadence.ts'
import type { Job } from '#shared/declare/job.ts'
import { DAYS, estimateCost } from './cost.ts'
import type { JobModules } from './job-modules.ts'

/** The throttles of a stage, in requests per second. */
interface ThrottledStage {
  readonly stage: string
  readonly reads: { readonly throttle: { readonly rate: number } }
  readonly submissions?: { readonly throttle: { readonly rate: number } } | undefined
}

/** Requests at the rate of a throttle in every second of a month. */
interface ThrottledCost {
  /** `reads`, or the path of a submission. */
  readonly what: string
  /** Requests per second. */
  readonly rate: number
  /** Dollars a month. */
  readonly cost: number
}

/** The most that the throttles of a stage allow a month to cost, in dollars. */
export interface CostCeiling {
  /** By the schedules, and fixed: what the month costs without a request. */
  readonly planned: number
  readonly throttled: readonly ThrottledCost[]
  /** `planned` and all throttled requests. */
  readonly total: number
}

const SECONDS_A_MONTH = DAYS * 86_400

/**
 * The cost of a month in which clients use the throttles of a stage all the time: small reads at the rate of `reads`, and a
 * task for each request at the rate of `submissions` on each public path that submits, or at that of `reads` without them.
 * A ceiling for budgets: bursts, large bodies and cold reads are not part of it, and the gateway treats rates as targets.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
 */
export function costCeiling(
  { stage, reads, submissions }: ThrottledStage,
  jobs: readonly Job[],
  modules: JobModules,
): CostCeiling {
  const { total: planned, perMillionReads, perSubmission } = estimateCost(stage, jobs, modules)
  const throttledCost = (what: string, rate: number, price: number): ThrottledCost => ({
    what,
    rate,
    cost: rate * SECONDS_A_MONTH * price,
  })
  const { rate } = (submissions ?? reads).throttle
  const throttled = [
    throttledCost('reads', reads.throttle.rate, perMillionReads / 1e6),
    ...activeJobs(jobs).flatMap(({ id, submits }) =>
      submits
        .filter(({ access }) => access === 'public')
        .map(({ path }) => throttledCost(path, rate, perSubmission.get(id) ?? 0)),
    ),
  ]
  return { planned, throttled, total: throttled.reduce((sum, { cost }) => sum + cost, planned) }
}
