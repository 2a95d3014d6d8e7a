import fc from 'fast-check'
import { expect, test } from 'vitest'
import { longestGap, occurrences, perDay, previousOccurrence } from '#shared/declare/occurrences.ts'
import { cron } from '#shared/declare/schedule.ts'
import { runs } from '#test/support/runs.ts'

const DAY = 86_400_000

const sparse = fc
  .record({
    zone: fc.constantFrom('America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'UTC'),
    minutes: fc.uniqueArray(fc.nat(59), { minLength: 1, maxLength: 2 }),
    hours: fc.uniqueArray(fc.nat(23), { minLength: 1, maxLength: 3 }),
    day: fc.constantFrom('* * ?', '? * MON-FRI', '1,15 * ?', '* 1,2 ?', '? * 1,2'),
    from: fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2028, 0, 1) }),
  })
  .map(({ zone, minutes, hours, day, from }) => ({
    schedule: cron(`${minutes.join(',')} ${hours.join(',')} ${day} *`, zone),
    from,
  }))

test('the longest gap is the widest of all distances between neighbours in 370 days', () => {
  fc.assert(
    fc.property(sparse, ({ schedule, from }) => {
      const until = from + 370 * DAY
      const runs = [
        ...[previousOccurrence(schedule, from)].filter((run) => run !== undefined),
        ...occurrences(schedule, { after: from, until }),
        ...occurrences(schedule, { after: until, limit: 1 }),
      ]
      const gaps = runs.slice(1).map((run, index) => run - (runs[index] ?? Number.NaN))

      const longest = longestGap(schedule, from)

      expect(longest, JSON.stringify(schedule)).toBe(Math.max(...gaps))
    }),
    { numRuns: runs(40, 10) },
  )
}, 30_000)

test('the most runs a day is the fullest day of UTC in 370 days', () => {
  fc.assert(
    fc.property(sparse, ({ schedule, from }) => {
      const start = from - (from % DAY)
      const counts = new Map<number, number>()
      for (const run of occurrences(schedule, { after: start - 1, until: start + 370 * DAY - 1 })) {
        const day = Math.floor(run / DAY)
        counts.set(day, (counts.get(day) ?? 0) + 1)
      }

      const most = perDay(schedule, from)

      expect(most, JSON.stringify(schedule)).toBe(Math.max(...counts.values()))
    }),
    { numRuns: runs(40, 10) },
  )
}, 30_000)
