import { describe, expect, it } from 'vitest'
import { job as fundamental } from '#functions/jobs/fundamental/job.ts'
import { job } from '#functions/jobs/retention/job.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { occurrences } from '#shared/declare/occurrences.ts'
import { clockOf, type Schedule } from '#shared/declare/schedule.ts'
import { DAY_MS, HOUR_MS } from '#shared/domain/duration.ts'

const ZONE = 'America/New_York'
const { schedule: timing, freshness, spreadMs, run } = resolveJob(job, {})
const schedule = clockOf(timing) as Schedule

/** The times in New York at which a schedule ticks on a day. */
function timesOf(clock: Schedule, date: string): readonly string[] {
  const noon = Date.parse(`${date}T17:00:00Z`)
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, dateStyle: 'short', timeStyle: 'short' })
  return occurrences(clock, { after: noon - DAY_MS, until: noon + DAY_MS })
    .map((at) => format.format(at))
    .filter((text) => text.startsWith(date))
    .map((text) => text.slice(-5))
}

describe('the schedule', () => {
  it.each(['2026-11-20', '2026-11-01', '2027-03-14', '2027-11-07', '2028-03-12'])(
    'ticks exactly once on %s, after the fundamentals (row 20)',
    (date) => {
      const before = clockOf(resolveJob(fundamental, {}).schedule) as Schedule

      expect(timesOf(schedule, date)).toEqual(['04:30'])
      expect(timesOf(before, date)).toEqual(['03:30'])
    },
  )

  it('has a longest interval of 25 hours, which fits into the time for which the report is fresh', () => {
    const from = Date.parse('2026-10-25T00:00:00Z')
    const ticks = occurrences(schedule, { after: from, until: from + 200 * DAY_MS })
    const longest = Math.max(...ticks.slice(1).map((at, index) => at - (ticks[index] ?? at)))

    expect(longest).toBe(25 * HOUR_MS)
    expect(longest + spreadMs + run.deadlineMs).toBeLessThanOrEqual(freshness.freshForMs)
  })
})
