import { activeJobs, cadenceOf } from '#infra/definitions/cadence.ts'
import type { Job } from '#shared/declare/job.ts'
import { dstFindings, neverFires } from '#shared/declare/occurrences.ts'
import { clockOf, type Schedule } from '#shared/declare/schedule.ts'
import { type Finding, finding } from './findings.ts'

const YEARS = 3

/** Schedules that never fire or stop firing, and those that meet a change of clocks within three years. */
export function checkSchedules(jobs: readonly Job[], now: number): Finding[] {
  return activeJobs(jobs).flatMap(({ id, schedule }) => {
    const clock = clockOf(schedule)
    return clock ? [...checkFires(id, clock, now), ...checkClockChanges(id, clock, now)] : []
  })
}

function checkFires(id: string, schedule: Schedule, now: number): Finding[] {
  const got = `${schedule.expression} in ${schedule.zone}`
  if (neverFires(schedule, now)) {
    return [finding('schedule', id, `expected a schedule that fires, got ${got}, which never does`)]
  }
  if (Number.isFinite(cadenceOf(schedule).longestMs)) return []
  return [finding('schedule', id, `expected a schedule that goes on, got ${got}, which stops within a year`)]
}

function checkClockChanges(id: string, schedule: Schedule, now: number): Finding[] {
  if (schedule.zone === 'UTC') return []
  const changes = dstFindings(schedule, now, YEARS)
  return (['skipped', 'doubled'] as const).flatMap((kind): Finding[] => {
    const times = changes.filter((change) => change.kind === kind).map(({ local }) => local)
    if (times.length === 0) return []
    const fault = kind === 'skipped' ? 'do not exist there' : 'come twice there'
    const message = `expected times that every day has once, got ${times.join(', ')} in ${schedule.zone}, which ${fault}; choose another hour, or UTC`
    return [finding('dst', id, message)]
  })
}
