import type { AlarmSpec } from '#infra/alarms/alarm-spec.ts'
import { jobAlarms, priorityAlarms, stageAlarms } from '#infra/alarms/alarms.ts'
import { activeJobs, cadenceOf } from '#infra/definitions/cadence.ts'
import type { Job } from '#shared/declare/job.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { watchSchedule } from '#shared/declare/watchdog.ts'
import { conditionsOf } from '#shared/domain/conditions.ts'
import type { JobModules } from './job-modules.ts'
import { runsPerDay } from './run-frequency.ts'

/** Date and region of the prices. */
export const PRICE_LIST = { date: '2026-11', region: 'us-east-1' } as const

/**
 * List prices in US dollars without the free tier. Not verified: scheduler, bus events, egress.
 *
 * @see https://aws.amazon.com/pricing/
 */
export const PRICE = {
  lambdaRequest: 0.2 / 1e6,
  /** arm64 */
  lambdaGigabyteSecond: 0.0000133334,
  /** An eventually consistent read of up to 4 KB takes half a unit. */
  tableReadUnit: 0.125 / 1e6,
  tableWriteUnit: 0.625 / 1e6,
  apiRequest: 1 / 1e6,
  scheduledTick: 1 / 1e6,
  busEvent: 1 / 1e6,
  /** Standard workflow: each entered state, retries included. */
  stateTransition: 25 / 1e6,
  logGigabyte: 0.5,
  egressGigabyte: 0.09,
  metricSeries: 0.3,
  alarm: 0.1,
  dashboard: 3,
  encryptionKey: 1,
} as const

/** The cost of a stage in dollars: a month of 31 days at list price. */
export interface CostEstimate {
  /** Independent of jobs and reads: dashboards, encryption key, watchdog, alarms and series of the stage. */
  readonly fixed: number
  readonly perJob: ReadonlyMap<string, number>
  /** `fixed` and all jobs. */
  readonly total: number
  readonly perMillionReads: number
  /** One task that a request submits, with that request; by job, of those whose runs are tasks. */
  readonly perSubmission: ReadonlyMap<string, number>
}

/** Days of a month. */
export const DAYS = 31
const GIGABYTE = 1e9

/** Assumptions, above the measured values. */
const RUN = { seconds: 2, memoryGb: 0.5, readUnits: 6, writeUnits: 12, logBytes: 2_048, events: 1 }
const WATCHDOG_CHECK = { seconds: 0.3, memoryGb: 0.5, readUnits: 5, writeUnits: 0.4, logBytes: 600 }
/**
 * A task without its chunks: the invocations submit, begin and finish; the states Begin, AfterBegin, Chunks, Finish,
 * AfterFinish, Succeeded. Each chunk is one invocation and one state, and a second state with a pace.
 */
const TASK = { invocations: 3, states: 6 }
/** `readers` and `system`. */
const DASHBOARD_COUNT = 2
/** Statistics of a read function that always has requests: one line every thirty seconds. */
const READ_COUNT_LOG = { perDay: 2_880, logBytes: 400 }
const READ = { seconds: 0.007, memoryGb: 1, readUnits: 0.5, logBytes: 350, bodyBytes: 313 }

/**
 * The cost model. A test compares its numbers of alarms, schedules and dashboards with the template.
 *
 * @param modules - the number of requests of a run, and so of chunks of a task; one chunk by default
 */
export function estimateCost(
  stage: string,
  jobs: readonly Job[],
  modules: JobModules = new Map(),
): CostEstimate {
  const active = activeJobs(jobs)
  const fixed =
    alarmCost([...priorityAlarms(stage, active), ...stageAlarms(stage, conditionsOf(active))]) +
    DASHBOARD_COUNT * PRICE.dashboard +
    PRICE.encryptionKey +
    watchdogCost(active.length) +
    DAYS * READ_COUNT_LOG.perDay * logCost(READ_COUNT_LOG.logBytes)
  const perJob = new Map(active.map((job) => [job.id, jobCost(stage, job, active, modules)]))
  const total = [...perJob.values()].reduce((sum, cost) => sum + cost, fixed)
  const tasks = active.filter(({ run }) => run.mode === 'task')
  const perSubmission = new Map(tasks.map((job) => [job.id, submissionCost(job, modules)]))
  return { fixed, perJob, total, perMillionReads: 1e6 * readCost(), perSubmission }
}

/** For a job that runs on demand: with permanent reads. */
function jobCost(stage: string, job: Job, jobs: readonly Job[], modules: JobModules): number {
  const { ticks, all } = runsPerDay(job, jobs)
  const work = job.run.mode === 'task' ? taskCost(job, modules) : invocationCost(RUN)
  const runs = all * (PRICE.busEvent * RUN.events + work)
  const trigger = clockOf(job.schedule) ? PRICE.scheduledTick : PRICE.busEvent
  return alarmCost(jobAlarms(stage, job)) + DAYS * (ticks * trigger + runs)
}

/** One task without waits and retries. */
function taskCost({ id, run }: Job, modules: JobModules): number {
  const requests = modules.get(id)?.requests ?? 0
  const chunks = Math.max(1, Math.ceil(requests / run.chunk))
  const states = TASK.states + chunks * (run.paceMs > 0 ? 2 : 1)
  return (TASK.invocations + chunks) * invocationCost(RUN) + states * PRICE.stateTransition
}

function submissionCost(job: Job, modules: JobModules): number {
  return PRICE.apiRequest + logCost(READ.logBytes) + PRICE.busEvent * RUN.events + taskCost(job, modules)
}

/** Alarms are charged per metric; so are our own metrics, but not those of AWS. */
function alarmCost(alarms: readonly AlarmSpec[]): number {
  return alarms.reduce((sum, { series: { kind } }) => {
    const metrics = kind === 'hit-ratio' ? 2 : 1
    const ownMetrics = kind === 'freshet' || kind === 'hit-ratio' ? metrics : 0
    return sum + metrics * PRICE.alarm + ownMetrics * PRICE.metricSeries
  }, 0)
}

function watchdogCost(jobs: number): number {
  const perMonth = cadenceOf(watchSchedule).perDay * DAYS
  const records =
    jobs * (WATCHDOG_CHECK.readUnits * PRICE.tableReadUnit + WATCHDOG_CHECK.writeUnits * PRICE.tableWriteUnit)
  const lines = (jobs + 1) * WATCHDOG_CHECK.logBytes
  return perMonth * (PRICE.scheduledTick + computeCost(WATCHDOG_CHECK) + records + logCost(lines))
}

function readCost(): number {
  const table = READ.readUnits * PRICE.tableReadUnit
  return PRICE.apiRequest + computeCost(READ) + table + logCost(READ.logBytes) + egressCost(READ.bodyBytes)
}

function invocationCost(invocation: typeof RUN): number {
  const { readUnits, writeUnits, logBytes } = invocation
  const table = readUnits * PRICE.tableReadUnit + writeUnits * PRICE.tableWriteUnit
  return computeCost(invocation) + table + logCost(logBytes)
}

function computeCost({ seconds, memoryGb }: { readonly seconds: number; readonly memoryGb: number }): number {
  return PRICE.lambdaRequest + seconds * memoryGb * PRICE.lambdaGigabyteSecond
}

function logCost(bytes: number): number {
  return (bytes / GIGABYTE) * PRICE.logGigabyte
}

function egressCost(bytes: number): number {
  return (bytes / GIGABYTE) * PRICE.egressGigabyte
}
