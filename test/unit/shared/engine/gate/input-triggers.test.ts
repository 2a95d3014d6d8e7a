import { describe, expect, test } from 'vitest'
import { watchJob } from '#functions/watchdog/watch.ts'
import { every, onDemand } from '#shared/declare/schedule.ts'
import type { Control } from '#shared/domain/records/control.ts'
import { followsKeys, isOwnKey, isTriggeredBy, triggeringInputs } from '#shared/engine/gate/input-triggers.ts'
import type { RunRequest } from '#shared/engine/model/run-state.ts'
import { run } from '#shared/engine/run.ts'
import { priceBody, pricesWorld } from '#test/fakes/jobs/prices.ts'

const T0 = Date.UTC(2026, 10, 20, 12, 0, 0)
const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const COINS = 'coins-20261120T115900Z'
const SHARES = 'shares-01JD8Y6W3V9S2K4N7Q0R5T1XZA'

const READS = { inputs: ['coins', 'shares'] }
const FOLLOWS = { ...READS, follows: ['coins', 'shares'] }

/** What a run of an input asks for that ended at a moment. */
function published(input: string, at: number): RunRequest {
  return { cause: 'input-refreshed', input, event: { id: input, at } }
}

/** A job with inputs whose provider always has a new price, and takes its time. */
function reader(change: typeof READS | typeof FOLLOWS, takesMs = 0, stored: 'items' | 'snapshot' = 'items') {
  const world = pricesWorld(stored, ['AAA'], T0, { change })
  world.script(async ({ url }, call) => {
    await world.clock.sleep(takesMs)
    return { status: 200, body: priceBody(url, call, Math.floor(world.clock.now())) }
  })
  const { job } = world.work
  const records = () => [...world.store.memory.runs.values()]
  const skips = () => world.store.memory.states.get(job.id)?.skips ?? 0
  const decide = (control: Partial<Control>) =>
    world.store.controls.replace(job.id, { revision: 1, ...control })
  return { ...world, job, records, skips, decide }
}

describe('an input that is published', () => {
  test('starts the first run of a job that reads it, and none while its data are fresh', async () => {
    const world = reader(READS)

    const first = await world.run(published(COINS, T0))
    const second = await world.run(published(SHARES, T0 + SECOND))

    expect(first).toMatchObject({ status: 'succeeded', cause: 'input-refreshed', input: COINS })
    expect(second).toMatchObject({ status: 'skipped', reason: 'nothing-to-do' })
    expect(world.skips()).toBe(1)
    expect(world.records()).toEqual([expect.objectContaining({ id: first.id, input: COINS })])
    expect(world.calls).toHaveLength(1)
  })

  test('starts a run of a job whose data are overdue', async () => {
    const world = reader(READS)
    const first = await world.run(published(COINS, T0))
    const { freshUntil = 0 } = await world.store.states.get(world.job.id)

    world.clock.advance(freshUntil - world.clock.now())
    const second = await world.run(published(SHARES, freshUntil))

    expect([first.status, second.status]).toEqual(['succeeded', 'succeeded'])
  })

  test('starts a run of a job that follows it, however fresh its data are', async () => {
    const world = reader({ ...READS, follows: ['coins'] })
    await world.run(published(SHARES, T0))

    const followed = await world.run(published(COINS, T0 + SECOND))
    const other = await world.run(published('shares-20261120T120000Z', T0 + 2 * SECOND))

    expect([followed.status, other.status]).toEqual(['succeeded', 'skipped'])
  })

  test('causes one run, however often and late its event is delivered', async () => {
    const world = reader(FOLLOWS)

    const first = await world.run(published(COINS, T0))
    const copies = await Promise.all([1, 2].map(() => world.run(published(COINS, T0))))
    world.clock.advance(9 * HOUR)
    const replayed = await world.run(published(COINS, T0))

    expect(first.status).toBe('succeeded')
    for (const copy of [...copies, replayed]) {
      expect(copy).toMatchObject({ id: first.id, status: 'skipped', reason: 'duplicate' })
    }
    expect(world.calls).toHaveLength(1)
    expect(world.records()).toEqual([expect.objectContaining({ duplicates: 3 })])
  })

  test('causes one run when its event is delivered twice at the same moment', async () => {
    const world = reader(FOLLOWS, 3 * SECOND)

    const ends = await Promise.all([1, 2].map(() => world.run(published(COINS, T0))))

    expect(ends.map(({ status }) => status).sort()).toEqual(['skipped', 'succeeded'])
    expect(world.calls).toHaveLength(1)
  })

  test('waits for a run under way, which may have planned before', async () => {
    const world = reader(FOLLOWS, 4 * SECOND)

    const tick = world.run({ cause: 'tick', tick: T0 })
    await world.clock.sleep(2 * SECOND)
    const followed = await world.run(published(COINS, T0 + 2 * SECOND))

    expect((await tick).status).toBe('succeeded')
    expect(followed.status).toBe('succeeded')
    expect(world.calls).toHaveLength(2)
  })

  test('waits for at most half of the deadline: a lease that is not released causes a counted skip', async () => {
    const world = reader(FOLLOWS)
    const { job, store } = world
    await store.states.acquire(job.id, { kind: 'job' }, { owner: 'dead', until: T0 + HOUR }, T0)

    const followed = await world.run(published(COINS, T0))

    expect(followed).toMatchObject({ status: 'skipped', reason: 'overlap' })
    expect(world.clock.now() - T0).toBeGreaterThan(job.run.deadlineMs / 2 - 2 * SECOND)
    expect(world.clock.now() - T0).toBeLessThanOrEqual(job.run.deadlineMs / 2)
    expect(world.records()).toEqual([])
  })

  test('with another one at the same moment causes one run after the other, both within their deadlines', async () => {
    const world = reader(FOLLOWS, 3 * SECOND)

    const ends = await Promise.all([COINS, SHARES].map((input) => world.run(published(input, T0))))

    expect(ends.map(({ status }) => status)).toContain('succeeded')
    for (const { status, reason } of ends) {
      expect(status === 'succeeded' || (status === 'skipped' && reason === 'overlap')).toBe(true)
    }
    expect((await world.store.states.get(world.job.id)).lease).toBeUndefined()
  })

  test('starts no run while the job is paused, nor after the pause', async () => {
    const world = reader(FOLLOWS)
    await world.decide({ pause: { until: T0 + HOUR, reason: 'maintenance', by: 'operator-2' } })

    const paused = await world.run(published(COINS, T0))

    expect(paused).toMatchObject({ status: 'skipped', reason: 'paused' })
    expect([world.records(), world.calls]).toEqual([[], []])
  })

  test('without a delivered event leaves the first run to the watchdog, which requests it at each check', async () => {
    const world = reader(READS)

    await watchJob(world.job, world.work.ports)

    expect(world.events).toContainEqual({
      type: 'refresh.requested',
      detail: { job: world.job.id, cause: 'first-run' },
    })
  })

  test('starts no run while the provider cools down', async () => {
    const world = reader(FOLLOWS)
    const { upstream } = world.work
    const state = await world.store.upstreams.get(upstream.name)
    const coolDown = { until: T0 + HOUR, reason: 'rate-limited' } as const
    await world.store.upstreams.replace(upstream.name, { ...state, revision: 1, change: 'c1', coolDown })

    const cooling = await world.run(published(COINS, T0))

    expect(cooling).toMatchObject({ status: 'skipped', reason: 'upstream-cooling' })
    expect(world.calls).toEqual([])
  })
})

describe('a run publishes dataset.refreshed', () => {
  const eventTypes = (world: ReturnType<typeof reader>) => world.events.map(({ type }) => type)

  test('in a chain: a run started by an input starts the jobs that read its dataset', async () => {
    const world = reader(FOLLOWS)

    const run = await world.run(published(COINS, T0))

    expect(world.events).toEqual([
      { type: 'dataset.refreshed', detail: expect.objectContaining({ job: world.job.id, runId: run.id }) },
    ])
  })

  test('with the key, after a refresh of one key', async () => {
    const world = reader(READS)

    const run = await world.run({ cause: 'cold-read', key: 'AAA', event: { id: 'e1', at: T0 } })

    const detail = { job: world.job.id, runId: run.id, keys: 1, at: expect.any(String), key: 'AAA' }
    expect(world.events).toEqual([{ type: 'dataset.refreshed', detail }])
  })

  test('and a follower then renews that key alone', async () => {
    const world = reader(FOLLOWS)

    const run = await world.run({ ...published(COINS, T0), key: 'AAA' })

    expect(run).toMatchObject({ status: 'succeeded', key: 'AAA', cause: 'input-refreshed' })
  })

  test.each([
    ['not after a partial update of a', 'snapshot', []],
    ['after an update of some', 'items', ['dataset.refreshed']],
  ] as const)('%s %s', async (_title, stored, expected) => {
    const world = reader(READS, 0, stored)
    const refresh = {
      ...world.work.refresh,
      isPartialUpdate: ({ only }: { only?: unknown }) => only === true,
    }

    const whole = await run({ cause: 'submission', params: {} }, { ...world.work, refresh })
    const eventsOfWhole = eventTypes(world)
    world.events.length = 0
    const part = await run({ cause: 'submission', params: { only: true } }, { ...world.work, refresh })

    expect([whole.status, eventsOfWhole]).toEqual(['succeeded', ['dataset.refreshed']])
    expect([part.status, eventTypes(world)]).toEqual(['succeeded', expected])
  })

  test('not when nothing has changed', async () => {
    const world = reader(READS)
    world.script(({ url }) => ({ status: 200, body: priceBody(url, 7, T0) }))
    await world.run(published(COINS, T0))
    world.events.length = 0

    const again = await world.run({ cause: 'operator' })

    expect([again.status, eventTypes(world)]).toEqual(['unchanged', []])
  })
})

test('a job is triggered by runs of the jobs it follows, not by jobs whose names have the same prefix', () => {
  const reader = { schedule: every('10 minutes'), inputs: ['coins', 'shares'], follows: ['coins'] }
  const unfollowing = { ...reader, follows: [] }
  const fresh = { freshUntil: T0 + HOUR }
  const moved = (input: string) => isTriggeredBy(input, reader, fresh, T0)

  expect(moved(COINS)).toBe(true)
  expect(moved('coins-01JD8Y6W3V9S2K4N7Q0R5T1XZA')).toBe(true)
  expect(moved('coins-of-old-20261120T115900Z')).toBe(false)
  expect(isTriggeredBy(SHARES, unfollowing, {}, T0)).toBe(true)
  expect(isTriggeredBy(SHARES, unfollowing, { freshUntil: T0 }, T0)).toBe(true)
  expect(isTriggeredBy(SHARES, unfollowing, { freshUntil: T0 + 1 }, T0)).toBe(false)
})

test('runs of one key concern a job whose keys have the form of those of the input, and no other', () => {
  const symbol = { pattern: '[A-Z]+', about: 'a symbol' }
  const other = { pattern: 'list:[a-z]+', about: 'a list' }
  const inputs = [
    { id: 'coins', keys: symbol },
    { id: 'lists', keys: other },
  ]
  const reader = { schedule: every('10 minutes'), inputs: ['coins', 'lists'], follows: [], keys: symbol }

  expect(followsKeys(reader, inputs)).toBe(true)
  expect(followsKeys({ ...reader, inputs: ['lists'] }, inputs)).toBe(false)
  expect(followsKeys({ schedule: reader.schedule, inputs: ['coins'], follows: [] }, inputs)).toBe(false)
  expect([isOwnKey(reader, 'BTC'), isOwnKey(reader, 'list:ongoing'), isOwnKey({}, 'list:ongoing')]).toEqual([
    true,
    false,
    true,
  ])
})

test('an on-demand job is triggered only by the jobs it follows', () => {
  const reader = { schedule: onDemand(), inputs: ['coins', 'shares'], follows: ['coins'] }

  expect(triggeringInputs(reader)).toEqual(['coins'])
  expect(isTriggeredBy(COINS, reader, {}, T0)).toBe(true)
  expect(isTriggeredBy(SHARES, reader, {}, T0)).toBe(false)
})
