import { describe, expect, it } from 'vitest'
import { job as fundamental } from '#functions/jobs/fundamental/job.ts'
import { job as fundingRates } from '#functions/jobs/funding-rates/job.ts'
import { job as geoEvents } from '#functions/jobs/geo-events/job.ts'
import { job as macroIndicators } from '#functions/jobs/macro-indicators/job.ts'
import { job as macroRisk } from '#functions/jobs/macro-risk/job.ts'
import { job as technical } from '#functions/jobs/technical/job.ts'
import type { RetentionStore } from '#shared/engine/publish/history-retention.ts'
import { retentionWorld } from '#test/fakes/jobs/retention.ts'
import { sampleItem } from '#test/fakes/store/samples.ts'

const SECOND = 1_000
const DAY = 86_400 * SECOND
const START = Date.UTC(2026, 10, 20, 9, 30)
const DOCUMENTED = [technical, fundamental, geoEvents, macroRisk]

type Options = Parameters<typeof retentionWorld>[2]

/** The documented rows: one of each kind that is a day too old, and one that is a day younger than its retention. */
async function documentedWorld(options?: Options) {
  const world = retentionWorld(START, DOCUMENTED, options)
  for (const age of [91, 89]) await world.putRow('technical', 'daily', age)
  for (const age of [181, 179]) await world.putRow('fundamental', 'daily', age)
  for (const age of [61, 59]) await world.putRow('geo-events', 'events', age, 'all')
  for (const age of [91, 89]) await world.putRow('macro-risk', 'risks', age, 'overall')
  return world
}

const KEPT = {
  'technical daily': [89],
  'fundamental daily': [179],
  'geo-events events': [59],
  'macro-risk risks': [89],
}

describe('rows of history', () => {
  it('of 91, 181, 61 and 91 days are deleted, those of 89, 179, 59 and 89 stay (row 22)', async () => {
    const world = await documentedWorld()

    const run = await world.runAll()

    const { body } = await world.report()
    expect(run).toMatchObject({ status: 'succeeded', counts: { published: 1 } })
    expect(world.ages()).toEqual(KEPT)
    expect(body.data).toMatchObject({
      is_complete: true,
      total_deleted: 4,
      deleted: {
        technical_indicators: 1,
        fundamental_data: 1,
        geopolitical_events: 1,
        macro_risk_scores: 1,
      },
      growth: [],
    })
  })

  it('as old as their retention stay, and go a millisecond later', async () => {
    const world = retentionWorld(START, [technical])
    await world.putRow('technical', 'daily', 90)

    await world.runAll()
    const atTheLimit = world.store.memory.history.size
    world.clock.advance(1)
    await world.runAll()

    expect(atTheLimit).toBe(1)
    expect(world.store.memory.history.size).toBe(0)
  })

  it('are kept for as long as the settings declare', async () => {
    const world = retentionWorld(START, DOCUMENTED, {
      settings: { RETENTION_DAYS_RISK: '30', RETENTION_DAYS_GEOPOLITICAL: '100' },
    })
    await world.putRow('macro-risk', 'risks', 31, 'overall')
    await world.putRow('geo-events', 'events', 99, 'all')

    await world.runAll()

    expect(world.ages()).toEqual({ 'geo-events events': [99] })
  })

  it('of entities that no run writes any more, and of jobs that are off, are deleted too', async () => {
    const world = retentionWorld(START, [macroIndicators, fundingRates])
    await world.putRow('macro-indicators', 'observations', 401, 'DELETED_SERIES')
    await world.putRow('funding-rates', 'rates', 91, 'DELISTEDUSDT')

    const { off } = world.jobs[0] ?? {}
    await world.runAll()

    expect(off).toMatch(/FRED/)
    expect(world.ages()).toEqual({})
  })

  it('are all that is touched: items, states, controls and runs stay', async () => {
    const world = await documentedWorld()
    const { memory } = world.store
    const old = { fetchedAt: START - 300 * DAY, checkedAt: START - 300 * DAY, asOf: START - 300 * DAY }
    await world.store.items.put('technical', sampleItem({ key: 'A', ...old, expiresAt: START + DAY }), START)
    await world.store.keys.add('technical', ['A'], 1)
    const before = JSON.stringify([[...memory.items], [...memory.keys].map(([id, keys]) => [id, [...keys]])])

    await world.runAll()

    const others = [...memory.items].filter(([name]) => !name.startsWith('retention '))
    const keys = [...memory.keys].filter(([id]) => id !== 'retention')
    expect(JSON.stringify([others, keys.map(([id, each]) => [id, [...each]])])).toBe(before)
    expect([...memory.states.keys(), ...memory.controls.keys()]).toEqual(['retention'])
    expect([...memory.runs.values()].map(({ job }) => job)).toEqual(['retention'])
  })
})

describe('the report', () => {
  it('counts the items and rows of each dataset, and names those of the documentation', async () => {
    const world = retentionWorld(START, [technical, macroIndicators, fundingRates])
    for (const age of [91, 10, 9]) await world.putRow('technical', 'daily', age)
    for (const age of [1, 2]) await world.putRow('macro-indicators', 'daily', age, 'DFF')
    await world.putRow('macro-indicators', 'observations', 30, 'DFF')
    await world.putRow('funding-rates', 'rates', 1, 'BTCUSDT')
    await world.store.keys.add('technical', ['A', 'B'], 1)

    await world.runAll()

    const { status, body } = await world.report()
    expect(status).toBe(200)
    expect(body.meta).toEqual({
      as_of: '2026-11-20T09:30:00Z',
      fetched_at: '2026-11-20T09:30:00Z',
      degraded: false,
    })
    expect(body.data.datasets).toEqual([
      { dataset: 'technical_indicators', job: 'technical', deleted: 1, items: 2, history_rows: 2 },
      { dataset: 'macro_indicators', job: 'macro-indicators', deleted: 0, items: 0, history_rows: 3 },
      { dataset: 'funding_rates', job: 'funding-rates', deleted: 0, items: null, history_rows: 1 },
      { dataset: 'retention', job: 'retention', deleted: null, items: 0, history_rows: 0 },
    ])
  })

  it('is in one log line with the documented message and its figures as fields', async () => {
    const world = await documentedWorld()

    await world.runAll()

    expect(world.lines.filter(({ message }) => message.startsWith('Old data'))).toEqual([
      expect.objectContaining({
        level: 'INFO',
        message:
          'Old data cleanup completed: 4 records deleted in 0.00s. Details: {"technical_indicators":1,"fundamental_data":1,"geopolitical_events":1,"macro_risk_scores":1}',
        total_deleted: 4,
        technical_indicators: 1,
        outcome: 'succeeded',
      }),
    ])
  })

  it('is 503 before the first run', async () => {
    const world = retentionWorld(START, [technical])

    expect(await world.report()).toMatchObject({
      status: 503,
      body: { detail: 'The report of the retention is not available yet' },
    })
  })
})

/** A table that waits for `onRemoval` before each removal of rows. */
function slowStore(
  store: RetentionStore,
  onRemoval: (count: number) => Promise<never> | undefined,
): RetentionStore {
  let removals = 0
  const { history } = store
  return {
    ...store,
    history: {
      ...history,
      remove: async (...words: Parameters<typeof history.remove>) => {
        removals += 1
        await onRemoval(removals)
        return history.remove(...words)
      },
    },
  }
}

describe('a run', () => {
  it('that has no time for all rows is partial, and the next one continues', async () => {
    let advance = (_ms: number): undefined => undefined
    const world = retentionWorld(START, [technical], {
      wrap: (store) => slowStore(store, () => advance(60 * SECOND)),
    })
    for (let index = 0; index < 1_100; index += 1) await world.putRow('technical', 'daily', 100 + index / 10)
    advance = (ms) => {
      world.clock.advance(ms)
    }

    const first = await world.runAll()
    const firstReport = (await world.report()).body
    advance = () => undefined
    const second = await world.runAll()
    const secondReport = (await world.report()).body

    expect(first).toMatchObject({
      status: 'partial',
      reason: 'timeout',
      message: 'the time was over before all old rows were deleted and counted',
    })
    expect(first.endedAt ?? 0).toBeLessThan(START + 300 * SECOND)
    expect(firstReport).toMatchObject({
      data: { is_complete: false, total_deleted: 1_000 },
      meta: { degraded: true },
    })
    expect(firstReport.data.datasets[0]).toMatchObject({ deleted: 1_000, history_rows: null })
    expect(second).toMatchObject({ status: 'succeeded' })
    expect(secondReport.data).toMatchObject({ is_complete: true, total_deleted: 100 })
    expect(world.store.memory.history.size).toBe(0)
  })

  it('that the table fails is failed with the reason, and the next one deletes the rest', async () => {
    const world = await documentedWorld({
      wrap: (store) =>
        slowStore(store, (count) => {
          if (count === 2) throw new Error('throttled')
          return undefined
        }),
    })

    const failed = await world.runAll()
    await world.runAll()

    expect(failed).toMatchObject({
      status: 'failed',
      reason: 'store',
      message: expect.stringMatching(/^retain: /),
    })
    expect(world.ages()).toEqual(KEPT)
  })

  it('that is killed in the middle leaves rows, which the next delivery of its tick deletes', async () => {
    const killed = await documentedWorld({
      wrap: (store) => slowStore(store, (count) => (count < 3 ? undefined : new Promise(() => {}))),
    })
    const { store } = killed
    const tick = { cause: 'tick', tick: START } as const
    const isEnded = await Promise.race([killed.runAll(tick).then(() => true), turns(1_000)])
    const left = store.memory.history.size
    const next = retentionWorld(START + 600 * SECOND, DOCUMENTED, { store })

    const run = await next.runAll(tick)

    expect([isEnded, left]).toEqual([false, 6])
    expect(run).toMatchObject({ status: 'succeeded', id: 'retention-20261120T093000Z' })
    expect(next.ages()).toEqual(KEPT)
    expect((await next.report()).body.data.total_deleted).toBe(2)
  })

  it('excludes a second one at the same time, and both together delete each row once', async () => {
    const world = await documentedWorld()

    const outcomes = await Promise.all([world.runAll(), world.runAll()])

    expect(outcomes.map(({ status, reason }) => reason ?? status).sort()).toEqual(['overlap', 'succeeded'])
    expect((await world.report()).body.data.total_deleted).toBe(4)
  })

  it('of the key of the report does nothing: only whole runs exclude each other', async () => {
    const world = await documentedWorld()

    const run = await world.runAll({ cause: 'operator', key: 'report' })

    expect(run).toMatchObject({ status: 'skipped', reason: 'nothing-to-do' })
    expect(world.store.memory.history.size).toBe(8)
  })
})

/** False after so many turns of the event loop, in which all calls of a fake store have ended. */
async function turns(count: number): Promise<false> {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve()
  return false
}
