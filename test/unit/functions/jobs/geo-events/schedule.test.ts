import { expect, it } from 'vitest'
import { job } from '#functions/jobs/geo-events/job.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { occurrences } from '#shared/declare/occurrences.ts'
import { clockOf, type Schedule } from '#shared/declare/schedule.ts'
import { DAY_MS, HOUR_MS } from '#shared/domain/duration.ts'

const ZONE = 'America/New_York'
const { schedule: timing, freshness, spreadMs, run } = resolveJob(job, {})
const schedule = clockOf(timing) as Schedule

/** The hours in New York at which the job runs on a day. */
function hoursOf(date: string): readonly string[] {
  const noon = Date.parse(`${date}T17:00:00Z`)
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, dateStyle: 'short', timeStyle: 'short' })
  return occurrences(schedule, { after: noon - DAY_MS, until: noon + DAY_MS })
    .map((at) => format.format(at))
    .filter((text) => text.startsWith(date))
    .map((text) => text.slice(-5))
}

it.each(['2026-11-20', '2026-11-01', '2027-03-14', '2027-11-07', '2028-03-12', '2028-11-05', '2029-03-11'])(
  'on %s it runs at each of the six hours once, and never in the hour that the clock skips or repeats',
  (date) => {
    expect(hoursOf(date)).toEqual(['00:00', '04:00', '08:00', '12:00', '16:00', '20:00'])
  },
)

it('the longest interval, of five hours, fits into the time for which events are fresh', () => {
  const from = Date.parse('2026-10-31T00:00:00Z')
  const ticks = occurrences(schedule, { after: from, until: from + 200 * DAY_MS })
  const longest = Math.max(...ticks.slice(1).map((at, index) => at - (ticks[index] ?? at)))

  expect(longest).toBe(5 * HOUR_MS)
  expect(longest + spreadMs + run.deadlineMs).toBeLessThanOrEqual(freshness.freshForMs)
})
