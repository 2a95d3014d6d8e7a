import type { Job } from '#shared/declare/job.ts'
import { occurrences, type Span } from '#shared/declare/occurrences.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { DAY_MS } from '#shared/domain/duration.ts'
import type { SkipReason } from '#shared/domain/outcome.ts'
import { type Control, effectiveControl } from '#shared/domain/records/control.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'
import { isoText } from '#shared/domain/time.ts'
import { activeOverrides, isSkippedByInterval } from '#shared/engine/model/overrides.ts'
import type { OperationContext, OperationHandler } from './http/operation.ts'
import { expectOnlyParameters, jobOfPath, parseTimeParameter } from './http/request.ts'
import { HttpError, jsonResponse } from './http/response.ts'

/** A tick that is due, in epoch milliseconds, and why it will be skipped. */
interface DueTick {
  readonly tick: number
  readonly skipped: SkipReason | null
}

/** The ticks of a job in a range after `now`, oldest first: none for a job that is off or runs on demand. */
export function dueTicks(
  job: Job,
  state: Partial<Pick<JobState, 'lastTick' | 'lastSuccessAt'>>,
  control: Control,
  range: Span,
): readonly DueTick[] {
  const clock = clockOf(job.schedule)
  if (job.off !== undefined || !clock) return []
  const { pause, skip } = control
  const overrides = activeOverrides(job, control) ?? {}
  let last = state
  return occurrences(clock, range).map((tick) => {
    const isPaused = pause !== undefined && pause.until > tick
    const isSkipped = skip?.tick === tick || isSkippedByInterval(tick, last, overrides)
    if (!isPaused && !isSkipped) last = { lastTick: tick, lastSuccessAt: tick }
    return { tick, skipped: skipReason(isPaused, isSkipped) }
  })
}

function skipReason(isPaused: boolean, isSkipped: boolean): SkipReason | null {
  if (isPaused) return 'paused'
  return isSkipped ? 'skipped-by-operator' : null
}

const MAX_AHEAD_MS = 366 * DAY_MS

const MAX_TICKS = 5_000

/**
 * Every tick of a range, oldest first: by default of all jobs in the next 24 hours. A tick that a pause, a skip or an
 * override of the interval will skip has the reason, if all earlier ones succeed.
 */
export const listTicks: OperationHandler = async (call) => {
  const { request, system } = call
  expectOnlyParameters(request.query, ['from', 'to', 'job'])
  const range = parseRange(request.query, request.at)
  const { job: id } = request.query
  const jobs = id === undefined ? system.jobs : [jobOfPath({ ...call, id })]
  const ticks: JobTick[] = []
  // an occurrence takes a tenth of a millisecond
  for (const job of jobs) ticks.push(...(await ticksOf(job, range, MAX_TICKS + 1 - ticks.length, call)))
  if (ticks.length > MAX_TICKS) {
    const message = `expected a range with at most ${MAX_TICKS} ticks, got more; narrow the range, or name one job`
    throw new HttpError({ status: 400, message })
  }
  ticks.sort((a, b) => a.tick - b.tick || (a.job < b.job ? -1 : 1))
  return jsonResponse(200, {
    from: isoText(range.from),
    to: isoText(range.to),
    ticks: ticks.map((tick) => ({ ...tick, tick: isoText(tick.tick) })),
    without_ticks: jobs.flatMap(withoutTicks),
  })
}

interface JobTick extends DueTick {
  readonly job: string
  readonly zone: string
}

interface Range {
  readonly from: number
  readonly to: number
}

/** @throws {HttpError} 400 for a range that begins in the past, ends before its beginning, or ends after a year */
function parseRange(query: OperationContext['request']['query'], now: number): Range {
  const from = parseTimeParameter(query, 'from') ?? now
  if (from < now) {
    const message = `from: expected a time from ${isoText(now)} on, got ${isoText(from)}; past ticks are among the runs of a job`
    throw new HttpError({ status: 400, message })
  }
  const to = parseTimeParameter(query, 'to') ?? from + DAY_MS
  if (to >= from && to <= now + MAX_AHEAD_MS) return { from, to }
  const message = `to: expected a time from ${isoText(from)} to ${isoText(now + MAX_AHEAD_MS)}, got ${isoText(to)}`
  throw new HttpError({ status: 400, message })
}

/**
 * At most `limit` ticks of a job in a range. With an override of the interval, each of its intervals has a run of its own, so that two
 * intervals before the range are enough to know which of its ticks are skipped.
 */
async function ticksOf(
  job: Job,
  { from, to }: Range,
  limit: number,
  { request, ports }: OperationContext,
): Promise<readonly JobTick[]> {
  const clock = clockOf(job.schedule)
  if (!clock) return []
  const { states, controls } = ports.store
  const [state, stored] = await Promise.all([states.get(job.id), controls.get(job.id)])
  const control = effectiveControl(job, stored)
  const { intervalMs } = activeOverrides(job, control) ?? {}
  const after = intervalMs === undefined ? from - 1 : Math.max(request.at, from - 2 * intervalMs)
  const first = after === request.at ? state : {}
  const range = intervalMs === undefined ? { after, until: to, limit } : { after, until: to }
  const due = dueTicks(job, first, control, range).filter(({ tick }) => tick >= from)
  return due.slice(0, limit).map((tick) => ({ job: job.id, zone: clock.zone, ...tick }))
}

/** Why a job has no tick. */
function withoutTicks({ id, off, schedule, follows }: Job): { job: string; reason: string }[] {
  if (off !== undefined) return [{ job: id, reason: `off: ${off}` }]
  if (clockOf(schedule)) return []
  const after = follows.length === 0 ? '' : ` and after each publication of ${follows.join(', ')}`
  return [{ job: id, reason: `on demand${after}` }]
}
