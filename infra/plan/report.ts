import { type Finding, findingText } from '#infra/checks/findings.ts'
import { demandOn, scheduledLimits } from '#infra/checks/quota.ts'
import { activeJobs } from '#infra/definitions/cadence.ts'
import { costCeiling } from '#infra/estimates/ceiling.ts'
import { estimateCost, PRICE_LIST } from '#infra/estimates/cost.ts'
import type { JobModules } from '#infra/estimates/job-modules.ts'
import type { StageConfig } from '#infra/stages/config.ts'
import type { Job } from '#shared/declare/job.ts'
import { occurrences } from '#shared/declare/occurrences.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import type { System } from '#shared/declare/system.ts'
import { localText } from '#shared/domain/time.ts'

interface PlanReportInput {
  readonly system: System
  readonly config: StageConfig
  readonly modules: JobModules
  readonly findings: readonly Finding[]
  /** Milliseconds since the epoch. */
  readonly now: number
  /** The zone of this machine. */
  readonly localZone: string
}

const NEXT_RUNS = 5

/** The effects and costs of a deployment as text: jobs, upstreams, cost, findings. */
export function planReport(plan: PlanReportInput): string {
  const { config, findings } = plan
  const sections = [
    `Stage ${config.stage}`,
    textTable(
      ['job', 'schedule', 'zone', 'calls a day', '$ a month'],
      plan.system.jobs.map((job) => jobRow(job, plan)),
    ),
    ...activeJobs(plan.system.jobs).flatMap((job) => nextRuns(job, plan)),
    textTable(['upstream', 'worst minute', 'worst day', 'worst 31 days'], upstreamRows(plan)),
    costText(plan),
    ceilingText(plan),
    findings.length === 0 ? 'No findings.' : findings.map(findingText).join('\n'),
  ]
  return sections.join('\n\n')
}

function jobRow(job: Job, { system, config, modules }: PlanReportInput): string[] {
  const clock = clockOf(job.schedule)
  const [expression, zone] = clock ? [clock.expression, clock.zone] : ['on demand', '']
  if (job.off !== undefined) return [job.id, `off: ${job.off}`, '', '', '']
  const demands = job.upstreams
    .flatMap((name) => system.upstreams.get(name) ?? [])
    .map((upstream) => demandOn(upstream, system.jobs, modules, [job]))
  const sum = (member: 'plannedPerDay' | 'perDay') =>
    demands.reduce((total, demand) => total + demand[member], 0)
  const cost = estimateCost(config.stage, system.jobs, modules).perJob.get(job.id) ?? 0
  return [job.id, expression, zone, `${sum('plannedPerDay')} to ${sum('perDay')}`, cost.toFixed(2)]
}

function nextRuns(
  { id, schedule, follows, initialPause }: Job,
  { now, localZone }: PlanReportInput,
): string[] {
  const clock = clockOf(schedule)
  if (!clock) return []
  const runs = occurrences(clock, { after: now, limit: NEXT_RUNS })
  const rows = runs.map((run) => [localText(clock.zone, run), localText(localZone, run)])
  const paused = initialPause === undefined ? '' : `, after a resume: ${initialPause}`
  const ticks = textTable([`next of ${id} (${clock.zone})${paused}`, `here (${localZone})`], rows)
  return [follows.length === 0 ? ticks : `${ticks}\nand after each publication of ${follows.join(', ')}`]
}

function upstreamRows({ system, modules }: PlanReportInput): string[][] {
  return [...system.upstreams.values()].map((upstream) => {
    const demand = demandOn(upstream, system.jobs, modules)
    const { perMinute } = upstream.limits
    const { perDay, perMonth } = scheduledLimits(upstream)
    return [
      upstream.name,
      usageText(demand.perMinute, perMinute),
      usageText(demand.perDay, perDay),
      usageText(demand.perMonth, perMonth),
    ]
  })
}

function costText({ config, system, modules }: PlanReportInput): string {
  const { fixed, total, perMillionReads } = estimateCost(config.stage, system.jobs, modules)
  return [
    `Fixed ${fixed.toFixed(2)} + jobs ${(total - fixed).toFixed(2)} = ${total.toFixed(2)} dollars a month of ${config.monthlyBudgetUsd.toFixed(2)}`,
    `and ${perMillionReads.toFixed(2)} per million small reads; list prices of ${PRICE_LIST.date}, ${PRICE_LIST.region}, no free tier`,
  ].join('\n')
}

/** The ceiling by the throttles with its parts, of which each is a rate and its dollars. */
function ceilingText({ config, system, modules }: PlanReportInput): string {
  const { total, planned, throttled } = costCeiling(config, system.jobs, modules)
  const parts = throttled.map(({ what, rate, cost }) => `${what} at ${rate}/s ${cost.toFixed(2)}`)
  return [
    `Ceiling: at most ${total.toFixed(2)} dollars a month if callers use all that the throttles allow, day and night:`,
    `${[...parts, `schedules and fixed ${planned.toFixed(2)}`].join(' + ')};`,
    'priced as small reads and one task per submission; bursts, larger bodies and cold reads are not part of it',
  ].join('\n')
}

function usageText(got: number, limit: number | undefined): string {
  return limit === undefined ? `${got} (no limit known)` : `${got} of ${limit}`
}

function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}
