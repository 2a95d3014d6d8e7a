import { describe, expect, it } from 'vitest'
import { type DailyCount, dailyCounts, datasetGrowth } from '#functions/jobs/retention/growth.ts'
import { job as technical } from '#functions/jobs/technical/job.ts'
import { retentionWorld } from '#test/fakes/jobs/retention.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const NOW = Date.UTC(2026, 10, 20, 9, 30)

const dataset = (entries: number | null, job = 'technical') => ({
  job,
  deleted: 0,
  items: 0,
  historyRows: entries,
})
const count = (daysAgo: number, technicalEntries: number): DailyCount => ({
  at: NOW - daysAgo * DAY,
  entries: { technical: technicalEntries },
})

describe('a dataset has grown', () => {
  /** Of a dataset that has had entries for three weeks. */
  const growthOf = (counts: readonly DailyCount[], entries: number | null) =>
    datasetGrowth([count(21, 10), ...counts], [dataset(entries)], NOW).map(({ before, share }) => [
      before,
      share,
    ])

  it.each([
    [150, 100, [], 'half as many entries again are none'],
    [151, 100, [[100, 0.51]], 'one more is one'],
    [99, 10, [], 'fewer than 100 entries are none'],
    [100, 10, [[10, 9]], '100 entries are one'],
    [100, 200, [], 'fewer entries than before are none'],
  ])('%i entries after %i: %j, %s', (entries, before, expected) => {
    expect(growthOf([count(7, before)], entries)).toEqual(expected)
  })

  it('against the count closest to seven days before, from six to eight days', () => {
    const counts = [count(7.9, 10), count(7.1, 20), count(6.5, 30), count(5, 40)]

    expect(growthOf(counts, 200)).toEqual([[20, 9]])
    expect(growthOf(counts.slice(0, 1), 200)).toEqual([[10, 19]])
    expect(growthOf(counts.slice(3), 200)).toEqual([])
    expect(growthOf([count(8.1, 10)], 200)).toEqual([])
  })

  it.each([
    ['was counted for the first time less than 20 days before', [count(19.9, 10), count(7, 10)]],
    ['had no entry a fortnight before', [count(21, 10), count(14, 0), count(7, 10)]],
    ['had no entry seven days before', [count(21, 10), count(7, 0)]],
  ])('only in its fourth week or later, not if it %s', (_, counts) => {
    expect(datasetGrowth(counts, [dataset(200)], NOW)).toEqual([])
  })

  it('not by the same rows every day, of which none is old enough to be deleted', () => {
    for (let day = 1; day <= 60; day += 1) {
      const counts = Array.from({ length: Math.min(day, 22) }, (_, ago) => count(ago, 50 * (day - ago)))

      expect(datasetGrowth(counts.toReversed(), [dataset(50 * day)], NOW), `day ${day}`).toEqual([])
    }
  })

  it('only if it was counted, then and now', () => {
    expect(growthOf([count(7, 10)], null)).toEqual([])
    expect(growthOf([{ at: NOW - 7 * DAY, entries: { other: 10 } }], 200)).toEqual([])
  })
})

describe('the counts', () => {
  it('are one a day, of the last 22 days', () => {
    const counts = [count(22.1, 1), count(22, 2), count(1, 3), count(1 / 24, 4)]

    const next = dailyCounts(counts, [dataset(5)], NOW)

    expect(next).toEqual([count(22, 2), count(1, 3), count(0, 5)])
  })

  it('of a run without time for one dataset keep the one of the same day before', () => {
    const next = dailyCounts([count(1 / 24, 4)], [dataset(null), dataset(7, 'hama')], NOW)

    expect(next).toEqual([{ at: NOW, entries: { technical: 4, hama: 7 } }])
  })
})

/** A run a day, for so many days, with so many rows of the newest session each day. */
async function grownWorld(days: number, rowsOf: (day: number) => number) {
  const world = retentionWorld(NOW, [technical])
  for (let day = 0; day < days; day += 1) {
    if (day > 0) world.clock.advance(DAY)
    for (let row = 0; row < rowsOf(day); row += 1)
      await world.putRow('technical', 'daily', 0, `S${day}-${row}`)
    await world.runAll()
  }
  return world
}

describe('a run that finds growth', () => {
  it('names the dataset in its report, in a warning and in the statistics that the watchdog reads', async () => {
    const world = await grownWorld(22, (day) => (day === 0 ? 100 : day < 15 ? 0 : 10))

    const { body } = await world.report()
    const { statistics } = await world.store.states.get('retention')
    expect(body.data.growth).toEqual([
      {
        dataset: 'technical_indicators',
        entries: 170,
        entries_before: 100,
        days_before: 7,
        growth_percent: 70,
      },
    ])
    expect(world.lines.findLast(({ level }) => level === 'WARN')).toEqual(
      expect.objectContaining({
        message: 'Retention: technical_indicators has 170 entries, 70 % more than the 100 of 7 days before',
        job: 'retention',
        condition: 'dataset-growth',
        value: 0.7,
        limit: 0.5,
      }),
    )
    expect(statistics?.reported).toEqual([{ condition: 'dataset-growth', value: 0.7, limit: 0.5 }])
  })

  it('is followed by one that ends the condition, but not by one that fails', async () => {
    const world = await grownWorld(22, (day) => (day === 0 ? 100 : day < 15 ? 0 : 10))
    const reported = async () => (await world.store.states.get('retention')).statistics?.reported

    world.clock.advance(DAY)
    const entities = world.store.history.entities
    Object.assign(world.store.history, { entities: () => Promise.reject(new Error('throttled')) })
    const failed = await world.runAll()
    const afterFailure = await reported()
    Object.assign(world.store.history, { entities })
    await world.store.history.remove('technical', 'daily', 'S0-0', {})
    for (let row = 0; row < 100; row += 1)
      await world.store.history.remove('technical', 'daily', `S0-${row}`, {})
    await world.runAll()

    expect(failed.status).toBe('failed')
    expect(afterFailure).toHaveLength(1)
    expect(await reported()).toBeUndefined()
  })
})
