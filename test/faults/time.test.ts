import { describe, expect, test } from 'vitest'
import { jobs } from '#functions/jobs/declared.ts'
import { watchJob } from '#functions/watchdog/watch.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { occurrences, previousOccurrence } from '#shared/declare/occurrences.ts'
import { clockOf, cron, daily, every, type Schedule } from '#shared/declare/schedule.ts'
import { tickRunId } from '#shared/domain/ids.ts'
import { priceBody, pricesWorld } from '#test/fakes/jobs/prices.ts'
import { scheduleOf } from '#test/support/jobs/test-jobs.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const iso = (at: number) => new Date(at).toISOString().slice(0, 16)

/**
 * Lives through some days with a schedule: each of its ticks is delivered, the watchdog looks every ten minutes.
 *
 * @returns each recorded tick with its outcome, oldest first
 */
async function lived(schedule: Schedule, from: number, until: number) {
  const world = pricesWorld('items', ['AAA'], from, { change: { schedule } })
  world.script(({ url }, call) => ({ status: 200, body: priceBody(url, call, world.clock.now()) }))
  const { job, ports } = world.work
  const ticks = occurrences(schedule, { after: from, until })
  for (let watchedAt = from; watchedAt <= until + DAY; watchedAt += 10 * MINUTE) {
    for (const tick of ticks.filter((at) => at > watchedAt - 10 * MINUTE && at <= watchedAt))
      await world.tick(tick)
    world.clock.advance(Math.max(0, watchedAt - world.clock.now()))
    await watchJob(job, ports)
  }
  const runs = [...world.store.memory.runs.values()].filter(({ tick = 0 }) => tick <= until)
  return runs.map(({ tick = 0, status }) => [iso(tick), status]).sort()
}

/** A wall-clock schedule on the days around a change of clocks, with the UTC times of its ticks. */
const CHANGES: readonly (readonly [string, Schedule, string, readonly string[]])[] = [
  [
    'nine in the morning in New York, spring',
    daily('09:00', 'America/New_York'),
    '2027-03-13',
    ['2027-03-13T14:00', '2027-03-14T13:00', '2027-03-15T13:00'],
  ],
  [
    'nine in the morning in New York, autumn',
    daily('09:00', 'America/New_York'),
    '2026-10-31',
    ['2026-10-31T13:00', '2026-11-01T14:00', '2026-11-02T14:00'],
  ],
  [
    'a time that one day does not have',
    daily('02:30', 'Europe/Berlin'),
    '2027-03-27',
    ['2027-03-27T01:30', '2027-03-29T00:30'],
  ],
  [
    'a time that one day has twice',
    daily('02:30', 'Europe/Berlin'),
    '2026-10-24',
    ['2026-10-24T00:30', '2026-10-25T00:30', '2026-10-26T01:30'],
  ],
  [
    'every half of an hour that one day has twice',
    cron('0/30 1 * * ? *', 'America/New_York'),
    '2026-11-01',
    [
      ...['2026-11-01T05:00', '2026-11-01T05:30', '2026-11-02T06:00', '2026-11-02T06:30'],
      ...['2026-11-03T06:00', '2026-11-03T06:30'],
    ],
  ],
  [
    'a change of half an hour',
    cron('45 1 * * ? *', 'Australia/Lord_Howe'),
    '2027-04-03',
    ['2027-04-03T14:45', '2027-04-04T15:15', '2027-04-05T15:15'],
  ],
]

describe('the days on which clocks change', () => {
  test.each(CHANGES)(
    'give each tick of %s exactly one outcome, and none is missed (F68)',
    async (_, schedule, day, ticks) => {
      const from = Date.parse(`${day}T00:00Z`)

      const outcomes = await lived(schedule, from, from + 3 * DAY - 1)

      expect(outcomes).toEqual(ticks.map((tick) => [tick, 'succeeded']))
    },
  )

  const ticking = jobs.map((job) => resolveJob(job, {})).filter(({ schedule }) => clockOf(schedule))
  test.each(ticking)(
    'have no two ticks of the job $id with one id, and none that the watchdog does not recognise (F68)',
    (job) => {
      const { id } = job
      const schedule = scheduleOf(job)
      for (const day of ['2026-10-24', '2026-10-31', '2027-03-13', '2027-03-27', '2027-04-03']) {
        const after = Date.parse(`${day}T00:00Z`) - 1
        const ticks = occurrences(schedule, { after, until: after + 3 * DAY })

        expect(new Set(ticks.map((tick) => tickRunId(id, tick))).size).toBe(ticks.length)
        for (const tick of ticks) expect(previousOccurrence(schedule, tick)).toBe(tick)
      }
    },
  )
})

describe('the ends of months and years, and the day that not every year has', () => {
  test.each([
    ['a leap day', '2028-02-28T22:00Z'],
    ['the end of a February of 28 days', '2027-02-28T22:00Z'],
    ['the end of a year', '2026-12-31T22:00Z'],
    ['the end of a month', '2027-04-30T22:00Z'],
  ])('leave no gap in ticks of every ten minutes: %s (F70)', async (_, start) => {
    const from = Date.parse(start)
    const until = from + 28 * HOUR

    const outcomes = await lived(every('10 minutes', { offset: '3 minutes' }), from, until)

    const due = Array.from({ length: 28 * 6 }, (_, index) => iso(from + 3 * MINUTE + index * 10 * MINUTE))
    expect(outcomes).toEqual(due.map((tick) => [tick, 'succeeded']))
  })

  test.each([
    [
      'the last day of each month',
      cron('0 12 L * ? *'),
      '2028-01-31',
      ['2028-01-31', '2028-02-29', '2028-03-31', '2028-04-30'],
    ],
    [
      'each 31st',
      cron('0 12 31 * ? *'),
      '2026-12-31',
      ['2026-12-31', '2027-01-31', '2027-03-31', '2027-05-31'],
    ],
    ['each leap day', cron('0 12 29 2 ? *'), '2096-02-29', ['2096-02-29', '2104-02-29']],
    ['each New Year', cron('0 0 1 1 ? *'), '2027-01-01', ['2027-01-01', '2028-01-01']],
  ])('%s comes when the calendar has it (F70)', (_, schedule, first, days) => {
    const after = Date.parse(`${first}T00:00Z`) - 1

    const ticks = occurrences(schedule, { after, limit: days.length })

    expect(ticks.map((tick) => iso(tick).slice(0, 10))).toEqual(days)
  })
})
