import { describe, expect, it } from 'vitest'
import { watchJob } from '#functions/watchdog/watch.ts'
import { cron, daily, every, type Schedule } from '#shared/declare/schedule.ts'
import { priceBody, pricesWorld } from '#test/fakes/jobs/prices.ts'
import type { World } from '#test/fakes/world/world.ts'

const T0 = Date.UTC(2026, 10, 20, 12, 1, 0)
const MINUTE = 60_000
const JOB = 'prices-items'

function watched(start = T0, schedule: Schedule = every('5 minutes', { offset: '1 minute' })) {
  const world = pricesWorld('items', ['AAA'], start, { change: { schedule } })
  world.script(({ url }) => ({ status: 200, body: priceBody(url, 1, start) }))
  const watch = async () => {
    const observed = await watchJob(world.work.job, world.work.ports)
    if (!observed) throw new Error('expected a result of the job')
    return observed
  }
  return { world, watch }
}

/** Lets minutes pass with an invocation in each, as the watchdog's schedule does. */
async function minutes<V>(world: World<V>, watch: () => Promise<unknown>, count: number) {
  for (let minute = 0; minute < count; minute += 1) {
    world.clock.advance(MINUTE)
    await watch()
  }
}

const refreshRequests = <V>({ events }: World<V>) => events.filter(({ type }) => type === 'refresh.requested')

describe('the watchdog', () => {
  it('requests the first run of a job that never published, and not again while it runs', async () => {
    const { world, watch } = watched()

    await watch()
    const first = refreshRequests(world)
    await world.run({ cause: 'first-run', event: { id: 'e', at: T0 } })
    await watch()

    expect(first).toEqual([{ type: 'refresh.requested', detail: { job: JOB, cause: 'first-run' } }])
    expect(refreshRequests(world)).toHaveLength(1)
  })

  it('publishes a pause that the operators’ function could not publish, once', async () => {
    const { world, watch } = watched()
    await world.tick(T0)
    const published: unknown[] = []
    const { setPublicControl } = world.store.states
    world.store.states.setPublicControl = (...what) => {
      published.push(what)
      return setPublicControl(...what)
    }
    const pause = { until: T0 + 60 * MINUTE, reason: 'x', by: 'operator' }
    await world.store.controls.replace(JOB, { revision: 1, change: 'a', pause })
    await minutes(world, watch, 2)
    const paused = (await world.store.states.get(JOB)).control
    await world.store.controls.replace(JOB, { revision: 2, change: 'b' })
    await minutes(world, watch, 2)
    const resumed = (await world.store.states.get(JOB)).control

    expect([paused, resumed]).toEqual([{ revision: 1, pausedUntil: pause.until }, { revision: 2 }])
    expect(published).toHaveLength(2)
  })

  it('requests another first run a quarter of an hour after one that failed', async () => {
    const { world, watch } = watched()
    world.script(() => ({ status: 403, body: 'no' }))
    await world.run({ cause: 'first-run', event: { id: 'e', at: T0 } })

    await minutes(world, watch, 14)
    const early = refreshRequests(world).length
    await minutes(world, watch, 2)

    expect([early, refreshRequests(world).length]).toEqual([0, 2])
  })

  it('stores how long the data were overdue on each day, and writes nothing while they are fresh', async () => {
    const { world, watch } = watched(Date.UTC(2026, 10, 20, 23, 46, 0))
    await world.tick(world.clock.now())
    await watch()
    const fresh = (await world.store.states.get(JOB)).watchState?.days
    await minutes(world, watch, 12)
    const evening = (await world.store.states.get(JOB)).watchState?.days
    await minutes(world, watch, 3)

    const { watchState } = await world.store.states.get(JOB)

    const day = Date.UTC(2026, 10, 20) / 86_400_000
    expect(fresh).toEqual({ newest: day, seconds: [0] })
    expect(evening).toEqual({ newest: day, seconds: [120] })
    expect(watchState?.days).toEqual({ newest: day + 1, seconds: [120, 180] })
  })

  it('counts missing data as overdue from its first invocation on', async () => {
    const { world, watch } = watched()

    const first = await watch()
    world.clock.advance(7 * MINUTE)
    const later = await watch()

    expect(first.overdueSeconds).toBe(0)
    expect(later.overdueSeconds).toBe(420)
  })

  it('reports how long data are overdue, and publishes one event', async () => {
    const { world, watch } = watched()
    await world.tick(T0)
    world.events.length = 0

    world.clock.advance(10 * MINUTE)
    const atEdge = await watch()
    await minutes(world, watch, 3)
    const later = await watch()

    expect([atEdge.overdueSeconds, later.overdueSeconds]).toEqual([0, 180])
    expect(world.events).toEqual([{ type: 'dataset.stale', detail: { job: JOB, overdueSeconds: 60 } }])
  })

  it('expects nothing while the job is paused', async () => {
    const { world, watch } = watched()
    world.store.memory.controls.set(JOB, {
      revision: 1,
      pause: { until: T0 + 60 * MINUTE, reason: 'x', by: 'ops' },
    })

    world.clock.advance(30 * MINUTE)
    const observed = await watch()

    expect(observed.overdueSeconds).toBe(0)
    expect(refreshRequests(world)).toEqual([])
  })

  it('records each tick that never came as missed, once (F27)', async () => {
    const { world, watch } = watched()
    await watch()

    await minutes(world, watch, 20)

    const runs = await world.store.runs.list(JOB, { from: T0, to: world.clock.now(), limit: 100 })
    expect(runs.map(({ tick, status }) => [(tick ?? 0) - T0, status])).toEqual([
      [10 * MINUTE, 'missed'],
      [5 * MINUTE, 'missed'],
    ])
  })

  it.each([
    ['daily', daily('12:30', 'UTC'), 7],
    ['weekly', cron('30 12 ? * FRI *'), 1],
  ])('records the missed ticks of a %s job too', async (_period, schedule, expected) => {
    const { world, watch } = watched(T0, schedule)
    let missed = 0
    for (let hour = 0; hour < 8 * 24; hour += 1) {
      missed += (await watch()).missedTicks
      world.clock.advance(60 * MINUTE)
    }
    const runs = await world.store.runs.list(JOB, { from: T0, to: world.clock.now(), limit: 100 })

    expect(missed).toBe(runs.length)
    expect(missed).toBe(expected)
  })

  it('counts missed ticks in the invocation that records them, and no more', async () => {
    const { world, watch } = watched()
    await watch()
    world.clock.advance(12 * MINUTE)

    const first = await watch()
    const again = await watch()

    expect([first.missedTicks, again.missedTicks]).toEqual([1, 0])
    expect(world.lines.filter(({ missed }) => missed === 1)).toHaveLength(1)
  })

  it('does not change ticks with a record, of whatever outcome', async () => {
    const { world, watch } = watched()
    await watch()
    await world.tick(T0 + 5 * MINUTE)
    await minutes(world, watch, 7)

    expect(
      (await world.store.runs.list(JOB, { from: T0, to: world.clock.now(), limit: 9 })).map(
        ({ status }) => status,
      ),
    ).toEqual(['succeeded'])
  })

  it('starts again when the schedule changed: ticks of another schedule were never due', async () => {
    const { world, watch } = watched()
    await world.store.states.setWatchState(JOB, {
      checkedUntil: T0 - 60 * MINUTE,
      schedule: 'cron(0 * * * ? *) UTC',
    })

    const observed = await watch()

    expect(observed.missedTicks).toBe(0)
    expect((await world.store.states.get(JOB)).watchState?.checkedUntil).toBe(T0)
  })

  it('expects no ticks of the time in which a job was off', async () => {
    const { world, watch } = watched()
    const { job, ports } = world.work
    await watch()
    world.clock.advance(MINUTE)

    const off = await watchJob({ ...job, off: 'switched off' }, ports)
    world.clock.advance(12 * 60 * MINUTE)
    const again = await watch()
    world.clock.advance(12 * MINUTE)
    const later = await watch()

    expect(off).toBeUndefined()
    expect([again.missedTicks, later.missedTicks]).toEqual([0, 1])
  })

  it('makes up for its own outage, a day back at most', async () => {
    const { world, watch } = watched()
    await watch()
    world.clock.advance(48 * 60 * MINUTE)

    const observed = await watch()

    expect(observed.missedTicks).toBe((24 * 60) / 5 - 1)
  })

  it('closes a run whose owner is gone as abandoned, and counts one failure (F35)', async () => {
    const { world, watch } = watched()
    world.script(() => new Promise(() => {}))
    void world.run({ cause: 'tick', tick: T0 })
    await new Promise(setImmediate)
    const running = await watch()
    world.clock.advance(4 * MINUTE)

    const observed = await watch()
    const again = await watch()

    expect([running.abandonedRuns, observed.abandonedRuns, again.abandonedRuns]).toEqual([0, 1, 0])
    expect(observed.consecutiveFailures).toBe(1)
    const state = await world.store.states.get(JOB)
    expect(state).toMatchObject({ consecutiveFailures: 1, lastRun: { status: 'abandoned' } })
    expect(state.lease).toBeUndefined()
  })

  it('closes an abandoned run behind many younger ones, and days after its tick', async () => {
    const { world, watch } = watched(T0, daily('12:01', 'UTC'))
    await watch()
    world.script(() => new Promise(() => {}))
    world.clock.advance(23 * 60 * MINUTE)
    void world.run({ cause: 'tick', tick: T0 })
    await new Promise(setImmediate)
    world.script(({ url }) => ({ status: 200, body: priceBody(url, 1, T0) }))
    world.clock.advance(70 * MINUTE)
    for (let run = 0; run < 120; run += 1) await world.run({ cause: 'operator', key: 'AAA' })

    const observed = await watch()

    expect(observed.abandonedRuns).toBe(1)
  })

  it('counts no failure of the job for an abandoned run of one key', async () => {
    const { world, watch } = watched()
    world.script(() => new Promise(() => {}))
    void world.run({ cause: 'operator', key: 'AAA' })
    await new Promise(setImmediate)
    world.clock.advance(4 * MINUTE)

    const observed = await watch()

    expect(observed).toMatchObject({ abandonedRuns: 1, consecutiveFailures: 0 })
  })

  it('logs once that a condition begins and once that it ends, with the job and its upstream', async () => {
    const { world, watch } = watched()
    world.script(() => ({ status: 401, body: 'no' }))
    await world.tick(T0)
    world.lines.length = 0
    await minutes(world, watch, 3)
    world.store.memory.upstreams.clear()
    world.script(({ url }) => ({ status: 200, body: priceBody(url, 1, world.clock.now()) }))
    await world.tick(T0 + 5 * MINUTE)
    await minutes(world, watch, 3)

    const whose = { job: JOB, upstream: 'prices', condition: 'key-refused' }
    expect(world.lines.filter(({ condition }) => condition === 'key-refused')).toEqual([
      { level: 'WARN', message: 'Prices of symbols: key-refused began', ...whose, value: 1, limit: 0 },
      { level: 'INFO', message: 'Prices of symbols: key-refused ended', ...whose },
    ])
    expect(world.events.filter(({ type }) => type === 'condition.breached')).toEqual([
      { type: 'condition.breached', detail: { ...whose, value: 1, limit: 0 } },
    ])
  })

  it('reports no condition of a paused job, and continues with its state after the pause', async () => {
    const { world, watch } = watched()
    world.script(() => ({ status: 401, body: 'no' }))
    await world.tick(T0)
    const before = await watch()
    const pause = { until: T0 + 3 * MINUTE, reason: 'x', by: 'operator-2' }
    world.store.memory.controls.set(JOB, { revision: 1, pause })

    await minutes(world, watch, 1)
    const paused = await watch()
    world.clock.advance(3 * MINUTE)
    const after = await watch()

    expect([before, paused, after].map(({ conditions }) => conditions)).toEqual([
      ['key-refused'],
      [],
      ['key-refused'],
    ])
  })

  it('writes its state only when that has changed', async () => {
    const { world, watch } = watched()
    const noted: unknown[] = []
    const { setWatchState } = world.store.states
    world.store.states.setWatchState = async (...what) => {
      noted.push(what)
      return setWatchState(...what)
    }
    await world.tick(T0)

    await minutes(world, watch, 4)
    const atRest = noted.length
    await minutes(world, watch, 8)

    expect(atRest).toBe(1)
    expect(noted).toHaveLength(1 + 2)
  })

  it('returns its result when the bus is down', async () => {
    const { world } = watched()
    world.work.ports.bus.publish = () => Promise.reject(new Error('bus down'))

    const observed = await watchJob(world.work.job, world.work.ports)

    expect(observed?.job).toBe(JOB)
    expect(world.lines).toMatchObject([{ level: 'ERROR', event: 'refresh.requested' }])
  })
})
