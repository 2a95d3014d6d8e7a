import { watchSchedule } from '#functions/watchdog/schedule.ts'
import type { Job } from '#shared/declare/job.ts'
import { type AlarmSpec, activeJobs, alarmsOfJob, alarmsOfStage } from './alarms.ts'
import { cadenceOf } from './cadence.ts'
import { PRICE } from './prices.ts'

/** What a stage costs, in dollars: a month of 31 days, at list price. */
export interface CostEstimate {
  /** Whatever is read: the dashboard, the key, the watchdog, the alarms and series that are not a job's. */
  readonly fixed: number
  readonly perJob: ReadonlyMap<string, number>
  /** Fixed and all jobs together. */
  readonly total: number
  readonly perMillionReads: number
}

const DAYS = 31
const GIGABYTE = 1e9

/** Assumptions, on the safe side of what was measured. */
const RUN = { seconds: 2, memoryGb: 0.5, readUnits: 6, writeUnits: 9, logBytes: 2_048, events: 1 }
const LOOK = { seconds: 0.3, memoryGb: 0.5, readUnits: 4, writeUnits: 0.2, logBytes: 600 }
const READ = { seconds: 0.007, memoryGb: 1, readUnits: 0.5, logBytes: 350, bodyBytes: 313 }

/** The cost model over what is declared; the template holds as many alarms, schedules and dashboards as it counts. */
export function estimate(stage: string, jobs: readonly Job[]): CostEstimate {
  const active = activeJobs(jobs)
  const shared = watching(alarmsOfStage(stage)) + PRICE.dashboard + PRICE.encryptionKey + looks(active.length)
  const perJob = new Map(active.map((job) => [job.id, jobCost(stage, job)]))
  const total = [...perJob.values()].reduce((sum, cost) => sum + cost, shared)
  return { fixed: shared, perJob, total, perMillionReads: 1e6 * readCost() }
}

function jobCost(stage: string, job: Job): number {
  const runs = cadenceOf(job.schedule).perDay * DAYS
  return (
    watching(alarmsOfJob(stage, job)) +
    runs * (PRICE.scheduledTick + PRICE.busEvent * RUN.events + invocation(RUN))
  )
}

/** Alarms, and the series of ours that they look at; those that AWS keeps are free. */
function watching(alarms: readonly AlarmSpec[]): number {
  const series = alarms.filter((alarm) => alarm.series.of === 'freshet')
  return alarms.length * PRICE.alarm + series.length * PRICE.metricSeries
}

function looks(jobs: number): number {
  const perMonth = cadenceOf(watchSchedule).perDay * DAYS
  const records = jobs * (LOOK.readUnits * PRICE.tableReadUnit + LOOK.writeUnits * PRICE.tableWriteUnit)
  const lines = (jobs + 1) * LOOK.logBytes
  return perMonth * (PRICE.scheduledTick + compute(LOOK) + records + logged(lines))
}

function readCost(): number {
  const table = READ.readUnits * PRICE.tableReadUnit
  return PRICE.apiRequest + compute(READ) + table + logged(READ.logBytes) + sent(READ.bodyBytes)
}

function invocation(of: typeof RUN): number {
  const table = of.readUnits * PRICE.tableReadUnit + of.writeUnits * PRICE.tableWriteUnit
  return compute(of) + table + logged(of.logBytes)
}

function compute({ seconds, memoryGb }: { readonly seconds: number; readonly memoryGb: number }): number {
  return PRICE.lambdaRequest + seconds * memoryGb * PRICE.lambdaGigabyteSecond
}

function logged(bytes: number): number {
  return (bytes / GIGABYTE) * PRICE.logGigabyte
}

function sent(bytes: number): number {
  return (bytes / GIGABYTE) * PRICE.egressGigabyte
}
