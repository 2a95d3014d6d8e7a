import fc from 'fast-check'
import { expect, test } from 'vitest'
import { previousOccurrence } from '#shared/declare/occurrences.ts'
import { cron, daily, every, type Schedule } from '#shared/declare/schedule.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import { supersededOutcome } from '#shared/engine/gate/superseded-ticks.ts'
import { priceBody, pricesWorld } from '#test/fakes/jobs/prices.ts'

const SCHEDULES: readonly (readonly [name: string, schedule: Schedule])[] = [
  ['every 5 minutes', every('5 minutes', { offset: '1 minute' })],
  ['every 4 hours in Berlin', every('4 hours', { zone: 'Europe/Berlin' })],
  ['daily in New York', daily('09:00', 'America/New_York')],
  ['on weekdays', cron('30 7,19 ? * MON-FRI *', 'Europe/London')],
]

/** The last 50 ticks until a time, oldest first. */
function newestTicks(schedule: Schedule, now: number): readonly number[] {
  const ticks: number[] = []
  for (let at = now; ticks.length < 50; at -= 1) {
    const tick = previousOccurrence(schedule, at)
    if (tick === undefined) break
    ticks.unshift(tick)
    at = tick
  }
  return ticks
}

/** Around the changes of clocks of 2026 and 2027, and at any other time. */
const end = fc.oneof(
  fc.integer({ min: Date.UTC(2026, 9, 24), max: Date.UTC(2026, 10, 3) }),
  fc.integer({ min: Date.UTC(2027, 2, 13), max: Date.UTC(2027, 2, 30) }),
  fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2028, 0, 1) }),
)

test.each(SCHEDULES)(
  'of the ticks before any time, only the newest is not superseded: %s',
  (_name, schedule) => {
    fc.assert(
      fc.property(end, (now) => {
        const due = newestTicks(schedule, now)

        const running = due.filter((tick) => supersededOutcome(tick, { schedule }, now) === undefined)

        expect(running).toEqual(due.slice(-1))
      }),
      { numRuns: 20 },
    )
  },
)

test.each(SCHEDULES)('50 late ticks cost one run in any order: %s (F26)', async (_name, schedule) => {
  const now = Date.UTC(2026, 10, 2, 15)
  const due = newestTicks(schedule, now)
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray([...due], { minLength: due.length }), async (order) => {
      const world = pricesWorld('items', ['AAA'], now, { change: { schedule } })
      world.script(({ url }) => ({ status: 200, body: priceBody(url, 1, now) }))

      const runs: RunRecord[] = []
      for (const tick of order) runs.push(await world.run({ cause: 'tick', tick }))

      const newest = runs.find(({ tick }) => tick === due.at(-1))
      expect(newest).toMatchObject({ status: 'succeeded' })
      expect(
        runs.filter(({ status, reason }) => status === 'skipped' && reason === 'superseded'),
      ).toHaveLength(49)
      expect(world.calls).toHaveLength(1)
    }),
    { numRuns: 5 },
  )
})
