import { watchSchedule } from '#functions/watchdog/schedule.ts'
import type { AlarmSpec } from '#infra/alarms/alarm-spec.ts'
import { jobAlarms, stageAlarms } from '#infra/alarms/alarms.ts'
import { activeJobs, cadenceOf } from '#infra/definitions/cadence.ts'
import type { Job } from '#shared/declare/job.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { conditionsOf } from '#shared/domain/conditions.ts'
import type { JobModules } from './job-modules.ts'
import { runsPerDay } from './run-frequency.ts'

/** When and where the prices were looked up. */
export const PRICE_LIST = { date: '2026-11', region: 'us-east-1' } as const

/**
 * List prices in US dollars, without any free tier. Unverified: the scheduler, bus events, egress.
 *
 * @see https://aws.amazon.com/pricing/
 */
export const PRICE = {
  lambdaRequest: 0.2 / 1e6,
  /** arm64 */
  lambdaGigabyteSecond: 0.0000133334,
  /** An eventually consistent read of up to 4 KB is half a unit. */
  tableReadUnit: 0.125 / 1e6,
  tableWriteUnit: 0.625 / 1e6,
  apiRequest: 1 / 1e6,
  scheduledTick: 1 / 1e6,
  busEvent: 1 / 1e6,
  /** Of a Standard workflow: each state that is entered, retries included. */
  stateTransition: 25 / 1e6,
  logGigabyte: 0.5,
  egressGigabyte: 0.09,
  metricSeries: 0.3,
  alarm: 0.1,
  dashboard: 3,
  encryptionKey: 1,
} as const

/** What a stage costs, in dollars: a month of 31 days, at list price. */
export interface CostEstimate {
  /** Whatever is read: the dashboards, the key, the watchdog, the alarms and series that are not a job's. */
  readonly fixed: number
  readonly perJob: ReadonlyMap<string, number>
  /** Fixed and all jobs together. */
  readonly total: number
  readonly perMillionReads: number
}

const DAYS = 31
const GIGABYTE = 1e9

/** Assumptions, on the safe side of what was measured. */
const RUN = { seconds: 2, memoryGb: 0.5, readUnits: 6, writeUnits: 12, logBytes: 2_048, events: 1 }
const WATCHDOG_CHECK = { seconds: 0.3, memoryGb: 0.5, readUnits: 5, writeUnits: 0.4, logBytes: 600 }
/**
 * Of a task beside its chunks: it is submitted, begins and finishes; Begin, Begun, Chunks, Finish, Finished, Ended. Each
 * chunk is one invocation and one state, and a second one where it rests.
 */
const TASK = { invocations: 3, states: 6 }
/** One of the readers, one of the machine. */
const DASHBOARD_COUNT = 2
/** Lines of a read function that is never idle, at most one every thirty seconds. */
const READ_COUNT_LOG = { perDay: 2_880, logBytes: 400 }
const READ = { seconds: 0.007, memoryGb: 1, readUnits: 0.5, logBytes: 350, bodyBytes: 313 }

/**
 * The cost model over what is declared; the template holds as many alarms, schedules and dashboards as it counts.
 *
 * @param folders - tell how many calls a run makes, and so how many chunks a task has; one where they do not say
 */
export function estimateCost(
  stage: string,
  jobs: readonly Job[],
  folders: JobModules = new Map(),
): CostEstimate {
  const active = activeJobs(jobs)
  const shared =
    alarmCost(stageAlarms(stage, conditionsOf(active))) +
    DASHBOARD_COUNT * PRICE.dashboard +
    PRICE.encryptionKey +
    watchdogCost(active.length) +
    DAYS * READ_COUNT_LOG.perDay * logCost(READ_COUNT_LOG.logBytes)
  const perJob = new Map(active.map((job) => [job.id, jobCost(stage, job, active, folders)]))
  const total = [...perJob.values()].reduce((sum, cost) => sum + cost, shared)
  return { fixed: shared, perJob, total, perMillionReads: 1e6 * readCost() }
}

/** Of a job that runs on demand: if somebody reads all the time. */
function jobCost(stage: string, job: Job, jobs: readonly Job[], folders: JobModules): number {
  const { ticks, all } = runsPerDay(job, jobs)
  const work = job.run.mode === 'task' ? taskCost(job, folders) : invocationCost(RUN)
  const runs = all * (PRICE.busEvent * RUN.events + work)
  const asked = clockOf(job.schedule) ? PRICE.scheduledTick : PRICE.busEvent
  return alarmCost(jobAlarms(stage, job)) + DAYS * (ticks * asked + runs)
}

/** One task that neither waits nor is repeated. */
function taskCost({ id, run }: Job, folders: JobModules): number {
  const requests = folders.get(id)?.requests ?? 0
  const chunks = Math.max(1, Math.ceil(requests / run.chunk))
  const states = TASK.states + chunks * (run.paceMs > 0 ? 2 : 1)
  return (TASK.invocations + chunks) * invocationCost(RUN) + states * PRICE.stateTransition
}

/** Alarms, by the series that each looks at, and those of these that are ours; those that AWS keeps are free. */
function alarmCost(alarms: readonly AlarmSpec[]): number {
  return alarms.reduce((sum, { series: { kind } }) => {
    const metrics = kind === 'hit-ratio' ? 2 : 1
    const ours = kind === 'freshet' || kind === 'hit-ratio' ? metrics : 0
    return sum + metrics * PRICE.alarm + ours * PRICE.metricSeries
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

function invocationCost(of: typeof RUN): number {
  const table = of.readUnits * PRICE.tableReadUnit + of.writeUnits * PRICE.tableWriteUnit
  return computeCost(of) + table + logCost(of.logBytes)
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
