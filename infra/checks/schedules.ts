import { activeJobs, cadenceOf } from '#infra/definitions/cadence.ts'
import type { Job } from '#shared/declare/job.ts'
import { dstFindings, neverFires } from '#shared/declare/occurrences.ts'
import { clockOf, type Schedule } from '#shared/declare/schedule.ts'
import type { Finding } from './findings.ts'

const YEARS = 3

/** Schedules that never fire, or stop; and those that meet a change of clocks within three years. */
export function checkSchedules(jobs: readonly Job[], now: number): Finding[] {
  return activeJobs(jobs).flatMap(({ id, schedule }) => {
    const clock = clockOf(schedule)
    return clock ? [...checkFires(id, clock, now), ...checkClockChanges(id, clock, now)] : []
  })
}

function checkFires(id: string, schedule: Schedule, now: number): Finding[] {
  const shown = `${schedule.expression} in ${schedule.zone}`
  const fault = (message: string): Finding => ({ check: 'schedule', subject: id, message, severity: 'error' })
  if (neverFires(schedule, now))
    return [fault(`expected a schedule that fires, got ${shown}, which never does`)]
  if (Number.isFinite(cadenceOf(schedule).longestMs)) return []
  return [fault(`expected a schedule that goes on, got ${shown}, which stops within a year`)]
}

function checkClockChanges(id: string, schedule: Schedule, now: number): Finding[] {
  if (schedule.zone === 'UTC') return []
  const met = dstFindings(schedule, now, YEARS)
  return (['skipped', 'doubled'] as const).flatMap((kind): Finding[] => {
    const times = met.filter((one) => one.kind === kind).map(({ local }) => local)
    if (times.length === 0) return []
    const why = kind === 'skipped' ? 'do not exist there' : 'come twice there'
    const message = `expected times that every day has once, got ${times.join(', ')} in ${schedule.zone}, which ${why}; choose another hour, or UTC`
    return [{ check: 'dst', subject: id, message, severity: 'error' }]
  })
}
