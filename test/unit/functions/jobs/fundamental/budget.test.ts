import { expect, test } from 'vitest'
import { fundamentalWorld } from '#test/fakes/jobs/fundamental.ts'
import { calmRows, technicalWorld } from '#test/fakes/jobs/technical.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const DAYS = 20
/** Midnight in New York, on a Sunday. */
const START = Date.UTC(2026, 5, 7, 4)
const SYMBOLS = Array.from({ length: 30 }, (_, index) => `S${String(index).padStart(2, '0')}`)
const dateOf = (at: number) => new Date(at).toISOString().slice(0, 10)

/** Hours of a day in New York in which bars may be requested for the first time: at midnight, after 04:30, after 16:30. */
const BAR_HOURS = [0, 5, 17]

/** Bars and fundamentals of thirty symbols over one table and one budget. */
async function simulatedDays() {
  const fundamentals = fundamentalWorld(START, SYMBOLS.join(','))
  const bars = technicalWorld(START, SYMBOLS.join(','), {}, fundamentals.store)
  const calls: { readonly at: number; readonly name: string }[] = []
  const advanceTo = (at: number) => {
    for (const { clock } of [fundamentals, bars]) clock.advance(Math.max(0, at - clock.now()))
  }
  const record = async (kind: 'bars' | 'fundamentals', at: number) => {
    advanceTo(at)
    const world = { bars, fundamentals }[kind]
    const before = world.calls.length
    await world.refreshAll()
    for (const symbol of world.requested().slice(before)) calls.push({ at, name: `${kind} ${symbol}` })
  }
  for (let day = START; day < START + DAYS * DAY; day += DAY) {
    for (const hour of BAR_HOURS) {
      const at = day + hour * HOUR
      // a bar is delivered at 17:00 of its day
      const rows = calmRows(dateOf(at - 21 * HOUR), 10)
      for (const symbol of SYMBOLS) bars.answers[symbol] = rows
      await record('bars', at)
      if (hour === 0) await record('fundamentals', day + 3.5 * HOUR)
    }
  }
  return calls
}

test('with thirty symbols and 25 calls a day, bars and fundamentals of each are fetched every four days, and the budget is used', async () => {
  const calls = await simulatedDays()

  const perDay = Map.groupBy(calls, ({ at }) => Math.floor((at - START) / DAY))
  const counts = Array.from({ length: DAYS }, (_, day) => perDay.get(day)?.length ?? 0)
  expect(Math.max(...counts)).toBe(25)
  const byName = Map.groupBy(calls, ({ name }) => name)
  expect(byName.size).toBe(60)
  for (const [name, all] of byName) {
    const times = [START, ...all.map(({ at }) => at), START + DAYS * DAY]
    const gaps = times.slice(1).map((at, index) => (at - (times[index] ?? 0)) / DAY)
    expect(Math.max(...gaps), name).toBeLessThanOrEqual(4)
  }
}, 60_000)
