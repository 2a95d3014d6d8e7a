import { describe, expect, it } from 'vitest'
import { resolveJob } from '#shared/declare/job.ts'
import type { Overridable } from '#shared/declare/job-policies.ts'
import { daily } from '#shared/declare/schedule.ts'
import type { Overrides } from '#shared/domain/records/control.ts'
import { applyOverrides } from '#shared/engine/model/overrides.ts'
import { priceBody, pricesJob, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** A tick of the job's schedule: every five minutes, a minute past. */
const FIRST = Date.UTC(2026, 10, 20, 12, 1)

const BOTH: readonly Overridable[] = ['interval', 'items']

async function worldUnder(overrides: Overrides, overridable = BOTH, stored: 'items' | 'snapshot' = 'items') {
  const world = pricesWorld(stored, symbolNames(3), FIRST, { change: { overridable } })
  world.script(({ url }) => ({ status: 200, body: priceBody(url, world.clock.now(), world.clock.now()) }))
  const job = `prices-${stored}`
  await world.store.controls.replace(job, { revision: 1, change: 'a', overrides })
  const ticks = async (count: number, every = 5 * MINUTE) => {
    const statuses: string[] = []
    for (let index = 0; index < count; index += 1) {
      const { status, reason } = await world.tick(FIRST + index * every)
      statuses.push(reason ?? status)
    }
    return statuses
  }
  return { ...world, ticks, job }
}

describe('an override of the interval', () => {
  it('skips the ticks in between', async () => {
    const { ticks } = await worldUnder({ intervalMs: 15 * MINUTE })

    expect(await ticks(7)).toEqual([
      'succeeded',
      'skipped-by-operator',
      'skipped-by-operator',
      'succeeded',
      'skipped-by-operator',
      'skipped-by-operator',
      'succeeded',
    ])
  })

  it('runs soon after each quarter of an hour, whenever it was set', async () => {
    const { tick } = await worldUnder({ intervalMs: 15 * MINUTE })

    const reasons = []
    for (const minute of [11, 16, 21, 26, 31, 36]) {
      const { status, reason } = await tick(FIRST + (minute - 1) * MINUTE)
      reasons.push(`${minute} ${reason ?? status}`)
    }

    expect(reasons).toEqual([
      '11 succeeded',
      '16 succeeded',
      '21 skipped-by-operator',
      '26 skipped-by-operator',
      '31 succeeded',
      '36 skipped-by-operator',
    ])
  })

  it('skips no tick after a failed one', async () => {
    const { ticks, script } = await worldUnder({ intervalMs: 15 * MINUTE })
    script(() => ({ status: 404, body: {} }))

    expect(await ticks(3)).toEqual(['not-found', 'not-found', 'not-found'])
  })

  it('keeps data fresh until the next run', async () => {
    const { ticks, store, job } = await worldUnder({ intervalMs: 12 * HOUR })
    await ticks(1)

    const item = await store.items.get(job, 'S000')
    const until = FIRST + 12 * HOUR + 3 * MINUTE
    expect(item).toMatchObject({ freshUntil: until, staleUntil: until, expiresAt: FIRST + 48 * HOUR })
    expect((await store.states.get(job)).freshUntil).toBe(until)
  })

  it('serves data at least as long as they are fresh with their jitter', () => {
    const freshness = {
      freshFor: '10 minutes',
      serveStaleFor: '1 hour',
      keepFor: '1 hour',
      jitter: 0.5,
    } as const
    const job = resolveJob(pricesJob('items', { freshness, overridable: ['interval'] }), {})

    const { freshForMs, serveStaleForMs, keepForMs } = applyOverrides({ intervalMs: HOUR }, job).freshness

    expect(serveStaleForMs).toBe(1.5 * freshForMs)
    expect(keepForMs).toBe(serveStaleForMs)
  })

  it('keeps a whole set fresh until the next run', async () => {
    const { ticks, store, job } = await worldUnder({ intervalMs: 2 * HOUR }, BOTH, 'snapshot')
    await ticks(1)

    expect(await store.snapshots.head(job, 'all')).toMatchObject({
      freshUntil: FIRST + 2 * HOUR + 3 * MINUTE,
      staleUntil: FIRST + 6 * HOUR,
    })
  })

  it('does not skip the first tick after it was set, because older data are fresh for less time', async () => {
    const { ticks, store, job } = await worldUnder({})
    await ticks(1)
    const overrides = { intervalMs: HOUR, decidedAt: FIRST + MINUTE }
    await store.controls.replace(job, { revision: 2, change: 'b', overrides })

    expect(await ticks(4)).toEqual(['duplicate', 'succeeded', 'skipped-by-operator', 'skipped-by-operator'])
    expect((await store.states.get(job)).freshUntil).toBe(FIRST + 5 * MINUTE + HOUR + 3 * MINUTE)
  })

  it('applies to ticks only', async () => {
    const { ticks, run, clock } = await worldUnder({ intervalMs: HOUR })
    await ticks(1)
    clock.advance(MINUTE)

    expect(await run({ cause: 'operator', event: { id: 'x', at: clock.now() } })).toMatchObject({
      status: 'succeeded',
    })
  })

  it('of one interval skips no tick when the clocks go forward', async () => {
    const schedule = daily('09:00', 'Europe/Berlin')
    const change = { schedule, overridable: BOTH }
    const world = pricesWorld('items', symbolNames(1), Date.UTC(2027, 2, 26), { change })
    world.script(({ url }) => ({ status: 200, body: priceBody(url, 1, world.clock.now()) }))
    const overrides = { intervalMs: 24 * HOUR, toleranceMs: 12 * HOUR }
    await world.store.controls.replace('prices-items', { revision: 1, change: 'a', overrides })

    const before = await world.tick(Date.UTC(2027, 2, 27, 8))
    const after = await world.tick(Date.UTC(2027, 2, 28, 7))

    expect([before.status, after.status]).not.toContain('skipped')
  })
})

describe('an override of the items', () => {
  it('refreshes only those', async () => {
    const { ticks, calls, store, job } = await worldUnder({ items: ['S001', 'S009'] })

    await ticks(1)

    expect(calls.map(({ url }) => url.searchParams.get('symbol'))).toEqual(['S001'])
    expect(await store.keys.list(job)).toEqual(['S001'])
  })

  it('of keys outside the plan is a recorded skip', async () => {
    const { tick } = await worldUnder({ items: ['S009'] })

    expect(await tick(FIRST)).toMatchObject({
      reason: 'nothing-to-do',
      message: 'the plan is empty, under an override of the items',
    })
  })
})

describe('overrides that the declaration does not allow any more', () => {
  it('have no effect', async () => {
    const { ticks, calls } = await worldUnder({ intervalMs: HOUR, items: ['S001'] }, [])

    expect(await ticks(2)).toEqual(['succeeded', 'succeeded'])
    expect(calls).toHaveLength(6)
  })
})
