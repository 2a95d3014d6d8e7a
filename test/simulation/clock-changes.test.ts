import { expect, test } from 'vitest'
import { job as events } from '#functions/jobs/geo-events/job.ts'
import { refresh as refreshEvents } from '#functions/jobs/geo-events/refresh.ts'
import { job as indicators } from '#functions/jobs/macro-indicators/job.ts'
import { refresh as refreshIndicators } from '#functions/jobs/macro-indicators/refresh.ts'
import { job as risk } from '#functions/jobs/macro-risk/job.ts'
import { type Job, resolveJob } from '#shared/declare/job.ts'
import { occurrences } from '#shared/declare/occurrences.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import type { Item } from '#shared/domain/records/publication.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import { riskWorld } from '#test/fakes/jobs/macro-risk.ts'
import type { Memory } from '#test/fakes/store/memory.ts'
import { jobHarness } from '#test/support/jobs/job-harness.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** The days of the next three years on which New York changes its clock, each in the order of the year. */
const SPRING = ['2027-03-14', '2028-03-12', '2029-03-11']
const AUTUMN = ['2027-11-07', '2028-11-05', '2029-11-04']

/** When each job runs on such a day of New York, in UTC; `+` is the day after. */
const EXPECTED: Readonly<Record<string, Readonly<Record<'spring' | 'autumn', readonly string[]>>>> = {
  'macro-indicators': { spring: ['13:00', '14:00', '17:00'], autumn: ['14:00', '15:00', '18:00'] },
  'geo-events': {
    spring: ['05:00', '08:00', '12:00', '16:00', '20:00', '+00:00'],
    autumn: ['04:00', '09:00', '13:00', '17:00', '21:00', '+01:00'],
  },
  'macro-risk': {
    spring: ['05:20', '10:20', '16:20', '22:20'],
    autumn: ['04:20', '11:20', '17:20', '23:20'],
  },
}

const FRED = { FRED_TERMS_ACCEPTED: 'true', FRED_KEY_PARAMETER: '/test/fred-key' }

/** What the days need of the world of a job. */
interface Runner {
  readonly job: Job
  readonly memory: Memory
  tick(at: number): Promise<RunRecord>
}

const RUNNERS: Readonly<Record<string, (start: number) => Runner>> = {
  'macro-indicators': (start) => {
    const harness = jobHarness(indicators, refreshIndicators, {
      start,
      settings: FRED,
      secrets: { [FRED.FRED_KEY_PARAMETER]: 'invented-key' },
    })
    return { job: resolveJob(indicators, FRED), memory: harness.store.memory, tick: harness.tick }
  },
  'geo-events': (start) => {
    const harness = jobHarness(events, refreshEvents, { start })
    return { job: resolveJob(events, {}), memory: harness.store.memory, tick: harness.tick }
  },
  'macro-risk': (start) => {
    const world = riskWorld(start)
    const tick = async (at: number) => {
      await world.indicators()
      return world.tick(at)
    }
    return { job: resolveJob(risk, {}), memory: world.store.memory, tick }
  },
}

const cases = Object.keys(EXPECTED).flatMap((id) => [
  ...SPRING.map((day) => [id, day, 'spring'] as const),
  ...AUTUMN.map((day) => [id, day, 'autumn'] as const),
])

test.each(cases)(
  '%s runs once at each of its times of %s, and its data stay fresh (F68)',
  async (id, day, season) => {
    const expected = (EXPECTED[id]?.[season] ?? []).map((time) => instantOf(day, time))
    const midnight = Date.parse(`${day}T${season === 'spring' ? '05:00' : '04:00'}Z`)
    const { job, memory, tick } = (RUNNERS[id] as (start: number) => Runner)(midnight - DAY)
    const clock = clockOf(job.schedule)
    if (!clock) throw new Error(`expected ${id} to have a schedule`)
    // a day before and a day after, so that the intervals at both ends are those of the change
    const ticks = occurrences(clock, { after: midnight - DAY - 1, until: midnight + 2 * DAY + 2 * HOUR })
    const length = season === 'spring' ? 23 : 25

    const onDay = ticks.filter((at) => at >= midnight && at < midnight + length * HOUR)
    expect(onDay.map(isoOf)).toEqual(expected.map(isoOf))

    let freshUntil = Number.POSITIVE_INFINITY
    const renewed: string[] = []
    for (const at of ticks) {
      const first = await tick(at)
      const items = itemsOf(memory, job)
      // a second delivery of the same tick
      const second = await tick(at)

      expect(second).toMatchObject({ id: first.id, status: 'skipped', reason: 'duplicate' })
      expect(itemsOf(memory, job)).toEqual(items)
      if (first.reason === 'nothing-to-do') continue
      expect(['succeeded', 'unchanged']).toContain(first.status)
      // even a run that starts and ends as late as it may
      expect(at + job.spreadMs + job.run.deadlineMs, `at ${isoOf(at)}`).toBeLessThanOrEqual(freshUntil)
      freshUntil = Math.min(...items.map((item) => item.freshUntil))
      renewed.push(first.id)
    }

    const records = [...memory.runs.values()].filter((run) => run.job === id)
    expect(records.map(({ tick: at }) => at)).toEqual(ticks)
    expect(new Set(renewed).size).toBe(renewed.length)
    expect(renewed.length).toBeGreaterThanOrEqual(3)
  },
)

function instantOf(day: string, time: string): number {
  const isNext = time.startsWith('+')
  return Date.parse(`${day}T${time.replace('+', '')}Z`) + (isNext ? DAY : 0)
}

function isoOf(at: number): string {
  return new Date(at).toISOString().slice(0, 16)
}

/** The items that a job has published. */
function itemsOf({ items }: Memory, { id }: Job): readonly Item[] {
  return [...items].flatMap(([name, item]) => (name.startsWith(`${id} `) ? [item] : []))
}
