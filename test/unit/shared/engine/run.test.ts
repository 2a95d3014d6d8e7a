import { describe, expect, it } from 'vitest'
import type { Store } from '#shared/domain/ports/store.ts'
import { isoText } from '#shared/domain/time.ts'
import { priceBody, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'
import { operator } from '#test/fakes/world/clients.ts'
import type { Reply } from '#test/fakes/world/world.ts'

const T0 = Date.UTC(2026, 10, 20, 12, 1, 0)
const MINUTE = 60_000
const JOB = 'prices-items'

const priced =
  (at: number, price = 10) =>
  ({ url }: { url: URL }): Reply => ({ status: 200, body: priceBody(url, price, at) })

describe('a run of a set stored as items', () => {
  it('publishes every key, with bounded concurrency and one record', async () => {
    const world = pricesWorld('items', symbolNames(78), T0)
    let underWay = 0
    let most = 0
    world.script(async ({ url }) => {
      underWay += 1
      most = Math.max(most, underWay)
      await world.clock.sleep(50)
      underWay -= 1
      return { status: 200, body: priceBody(url, 10, T0) }
    })

    const run = await world.tick(T0)

    expect(run).toMatchObject({
      status: 'succeeded',
      attempts: 78,
      fence: 1,
      counts: { planned: 78, published: 78, unchanged: 0, superseded: 0, failed: 0 },
    })
    expect(most).toBe(8)
    expect(world.clock.now() - T0).toBe(Math.ceil(78 / 8) * 50)
    expect(world.store.memory.items.size).toBe(78)
    expect(world.lines).toHaveLength(1)
    const at = new Date(run.endedAt ?? 0).toISOString()
    expect(world.events).toEqual([
      { type: 'dataset.refreshed', detail: { job: JOB, runId: run.id, keys: 78, at } },
    ])
  })

  it('is partial when one key fails: that key keeps its old value and its own age (F11)', async () => {
    const world = pricesWorld('items', symbolNames(78), T0)
    world.script(priced(T0))
    await world.tick(T0)
    const before = await world.store.items.get(JOB, 'S007')
    world.script((request) =>
      request.url.search.includes('S007')
        ? { status: 404, body: '{}' }
        : priced(T0 + 5 * MINUTE, 11)(request),
    )

    const run = await world.tick(T0 + 5 * MINUTE)

    expect(run).toMatchObject({
      status: 'partial',
      reason: 'not-found',
      counts: { published: 77, failed: 1 },
    })
    expect(await world.store.items.get(JOB, 'S007')).toEqual(before)
    expect((await world.store.states.get(JOB)).freshUntil).toBe(before?.freshUntil)
    expect((await world.store.states.get(JOB)).consecutiveFailures).toBe(0)
  })

  it('fails once when all keys fail alike (F12)', async () => {
    const world = pricesWorld('items', symbolNames(5), T0)
    world.script(() => ({ status: 404, body: '{}' }))

    const run = await world.tick(T0)

    expect(run).toMatchObject({ status: 'failed', reason: 'not-found', counts: { planned: 5, failed: 5 } })
    expect((await world.store.states.get(JOB)).consecutiveFailures).toBe(1)
  })

  it('stops calling a provider that refuses us; finished keys stay published', async () => {
    const world = pricesWorld('items', symbolNames(50), T0)
    world.script((request, call) => (call <= 10 ? priced(T0)(request) : { status: 403, body: 'no' }))

    const run = await world.tick(T0)

    expect(run).toMatchObject({ status: 'partial', reason: 'refused', counts: { published: 10, failed: 40 } })
    expect(world.calls.length).toBeLessThanOrEqual(18)
  })

  it('publishes finished keys when its deadline is reached (F38)', async () => {
    const world = pricesWorld('items', symbolNames(100), T0)
    world.script(async ({ url }) => {
      await world.clock.sleep(4_900)
      return { status: 200, body: priceBody(url, 10, T0) }
    })

    const run = await world.run({ cause: 'tick', tick: T0, stopBy: T0 + 33_000 })

    expect(run).toMatchObject({ status: 'partial', reason: 'timeout' })
    expect(run.counts?.published).toBeGreaterThanOrEqual(48)
    expect(world.clock.now() - T0).toBeLessThan(38_000)
  })

  it('never lets a slower, older run replace newer data (F36)', async () => {
    const world = pricesWorld('items', ['AAA'], T0)
    let release: (() => void) | undefined
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    world.script(async (request, call) => {
      if (call === 1) await released
      return priced(T0 + call, call === 1 ? 1 : 2)(request)
    })

    const slow = world.run({ cause: 'tick', tick: T0 })
    await new Promise(setImmediate)
    world.clock.advance(5 * MINUTE)
    const fast = await world.run({ cause: 'tick', tick: T0 + 5 * MINUTE })
    const published = await world.store.items.get(JOB, 'AAA')
    release?.()
    const late = await slow

    expect(fast.status).toBe('succeeded')
    expect(late).toMatchObject({ status: 'skipped', reason: 'superseded' })
    expect(await world.store.items.get(JOB, 'AAA')).toEqual(published)
    expect(await world.store.states.get(JOB)).toMatchObject({ lastTick: T0 + 5 * MINUTE, fence: 2 })
  })

  it('that fetched an older value than the stored one is unchanged, and names both times', async () => {
    const world = pricesWorld('items', ['AAA', 'BBB'], T0)
    world.script(priced(T0, 1))
    await world.tick(T0)
    world.script(priced(T0 - MINUTE, 2))

    const run = await world.tick(T0 + 5 * MINUTE)

    const message = `AAA: kept the stored value of ${isoText(T0)}, did not take the older one of ${isoText(T0 - MINUTE)}, and so for 1 more`
    expect(run).toMatchObject({ status: 'unchanged', message })
    expect(await world.store.runs.get(JOB, run.id)).toMatchObject({ message })
    expect(world.lines.at(-1)).toMatchObject({ outcome: 'unchanged', detail: message })
    expect((await operator(world).get(`/v1/runs/${run.id}`)).body).toMatchObject({
      outcome: 'unchanged',
      message,
    })
  })

  it('takes over a tick from an owner that was killed, but not from one that is alive (F33)', async () => {
    const world = pricesWorld('items', ['AAA'], T0)
    world.script(() => new Promise(() => {}))
    void world.run({ cause: 'tick', tick: T0 })
    await new Promise(setImmediate)
    world.script(priced(T0))

    const early = await world.run({ cause: 'tick', tick: T0 })
    world.clock.advance(3 * MINUTE)
    const late = await world.run({ cause: 'tick', tick: T0 })

    expect(early).toMatchObject({ status: 'skipped', reason: 'duplicate' })
    expect(late).toMatchObject({ status: 'succeeded', duplicates: 2, fence: 2 })
    expect((await world.store.runs.get(JOB, late.id))?.status).toBe('succeeded')
  })

  it('lets an owner that froze past its lease change nothing when it wakes (F37)', async () => {
    const world = pricesWorld('items', ['AAA'], T0)
    let wake: (() => void) | undefined
    const frozen = new Promise<void>((resolve) => {
      wake = resolve
    })
    world.script(async (request, call) => {
      if (call === 1) await frozen
      return priced(T0 + call, call)(request)
    })
    const first = world.run({ cause: 'tick', tick: T0 })
    await new Promise(setImmediate)
    world.clock.advance(3 * MINUTE)
    const second = await world.run({ cause: 'tick', tick: T0 })
    const item = await world.store.items.get(JOB, 'AAA')
    const state = await world.store.states.get(JOB)
    const events = [...world.events]

    wake?.()
    await first

    expect(second.status).toBe('succeeded')
    expect(await world.store.items.get(JOB, 'AAA')).toEqual(item)
    expect(await world.store.states.get(JOB)).toEqual(state)
    expect((await world.store.runs.get(JOB, second.id))?.owner).toBe(second.owner)
    expect(world.events).toEqual(events)
    expect(world.lines.some(({ message }) => message.includes('taken over the run'))).toBe(true)
  })

  it('skips a tick when a newer one has succeeded (F25)', async () => {
    const world = pricesWorld('items', ['AAA'], T0)
    world.script(priced(T0))
    await world.tick(T0 + 180 * MINUTE)

    const late = await world.run({ cause: 'tick', tick: T0 })

    expect(late).toMatchObject({ status: 'skipped', reason: 'superseded' })
    expect(await world.store.runs.get(JOB, late.id)).toMatchObject({
      status: 'skipped',
      reason: 'superseded',
    })
  })

  it('skips while another run is under way (F29)', async () => {
    const world = pricesWorld('items', ['AAA'], T0)
    world.script(async (request) => {
      await world.clock.sleep(4_000)
      return priced(T0)(request)
    })

    const [first, second] = await Promise.all([
      world.run({ cause: 'tick', tick: T0 }),
      world.run({ cause: 'operator' }),
    ])

    expect([first.status, second.status]).toEqual(['succeeded', 'skipped'])
    expect(second.reason).toBe('overlap')
  })

  it('applies a pause to ticks and stale reads, not to operators and cold reads', async () => {
    const world = pricesWorld('items', ['AAA'], T0)
    world.script(priced(T0))
    world.store.memory.controls.set(JOB, {
      revision: 1,
      pause: { until: T0 + 60 * MINUTE, reason: 'maintenance', by: 'ops' },
    })
    const event = { id: 'e1', at: T0 }

    const tick = await world.run({ cause: 'tick', tick: T0 })
    const stale = await world.run({ cause: 'stale-read', event })
    const cold = await world.run({ cause: 'cold-read', event, key: 'AAA' })
    const operator = await world.run({ cause: 'operator' })

    expect(tick).toMatchObject({ status: 'skipped', reason: 'paused' })
    expect(tick.message).toContain('maintenance')
    expect([stale.status, cold.status, operator.status]).toEqual(['skipped', 'succeeded', 'unchanged'])
    expect(world.store.memory.states.get(JOB)?.skips).toBe(1)
    expect([...world.store.memory.runs.values()].map(({ cause }) => cause)).toEqual([
      'tick',
      'cold-read',
      'operator',
    ])
  })

  it('does not fetch again what was confirmed since a reader requested it', async () => {
    const world = pricesWorld('items', ['AAA'], T0)
    world.script(priced(T0))
    await world.tick(T0 + 1_000)

    const run = await world.run({ cause: 'stale-read', event: { id: 'e1', at: T0 } })

    expect(run.status).toBe('unchanged')
    expect(world.calls).toHaveLength(1)
  })

  it('fetches again when an input was refreshed, even if a run that started before has published since', async () => {
    const world = pricesWorld('items', ['AAA'], T0)
    world.script(priced(T0))
    await world.tick(T0 + 1_000)

    await world.run({ cause: 'input-refreshed', event: { id: 'e1', at: T0 } })

    expect(world.calls).toHaveLength(2)
  })

  it('runs once for an event that is delivered twice', async () => {
    const world = pricesWorld('items', ['AAA'], T0)
    world.script(priced(T0))
    const event = { id: 'e1', at: T0 }

    const first = await world.run({ cause: 'operator', event })
    const second = await world.run({ cause: 'operator', event })

    expect(first.status).toBe('succeeded')
    expect(second).toMatchObject({ id: first.id, status: 'skipped', reason: 'duplicate' })
    expect(world.calls).toHaveLength(1)
  })

  it('refreshes one key without changing the summary of the whole plan', async () => {
    const world = pricesWorld('items', symbolNames(3), T0)
    world.script(priced(T0))

    const run = await world.run({ cause: 'cold-read', key: 'S001', event: { id: 'e', at: T0 } })

    expect(run).toMatchObject({ status: 'succeeded', key: 'S001', counts: { planned: 1 } })
    expect([...world.store.memory.items.keys()]).toEqual([`${JOB} S001`])
    expect(world.events).toMatchObject([{ type: 'dataset.refreshed', detail: { keys: 1, key: 'S001' } }])
    expect((await world.store.states.get(JOB)).lastRun).toBeUndefined()
  })

  it('has nothing to do for a key outside the plan, or an empty plan', async () => {
    const world = pricesWorld('items', [], T0)

    const empty = await world.tick(T0)
    const foreign = await world.run({ cause: 'cold-read', key: '../x', event: { id: 'e', at: T0 } })

    expect([empty.reason, foreign.reason]).toEqual(['nothing-to-do', 'nothing-to-do'])
    expect(world.calls).toEqual([])
  })

  it('rejects a body of another key, and stores it', async () => {
    const world = pricesWorld('items', ['AAA'], T0)
    world.script(() => ({ status: 200, body: { symbol: 'BBB', price: 1, at: T0 } }))

    const run = await world.tick(T0)

    expect(run).toMatchObject({ status: 'failed', reason: 'rejected' })
    expect(await world.store.rejected.get(JOB, 'AAA')).toMatchObject({ body: expect.stringContaining('BBB') })
  })

  it('writes once for each changed and each unchanged key, four times for the run, and twice for the budget (P9)', async () => {
    const counted: string[] = []
    const world = pricesWorld('items', symbolNames(78), T0, {
      faults: (store) => counting(store, counted),
    })
    world.script((request) => priced(T0, request.url.search.includes('S00') ? 10 : 20)(request))
    await world.tick(T0)
    counted.length = 0
    world.script((request) => priced(T0, request.url.search.includes('S00') ? 11 : 20)(request))

    await world.tick(T0 + 5 * MINUTE)

    expect(counted.filter((name) => name === 'items.put')).toHaveLength(10)
    expect(counted.filter((name) => name === 'items.confirm')).toHaveLength(68)
    expect(counted.filter((name) => !name.startsWith('items.'))).toEqual([
      'runs.open',
      'states.acquire',
      // reads the list of keys, which has all of them
      'keys.add',
      'upstreams.replace',
      'upstreams.replace',
      'runs.close',
      'states.release',
    ])
  })

  it('fails with `store` when the table does not accept a value (F53)', async () => {
    const world = pricesWorld('items', ['AAA'], T0, {
      faults: (store) => ({
        ...store,
        items: { ...store.items, put: () => Promise.reject(new Error('ThroughputExceeded')) },
      }),
    })
    world.script(priced(T0))

    expect(await world.tick(T0)).toMatchObject({ status: 'failed', reason: 'store' })
  })

  it('throws when no outcome can be recorded, so that the invocation fails (F58)', async () => {
    const world = pricesWorld('items', ['AAA'], T0, {
      faults: (store) => ({
        ...store,
        runs: { ...store.runs, close: () => Promise.reject(new Error('down')) },
      }),
    })
    world.script(priced(T0))

    await expect(world.tick(T0)).rejects.toThrow('down')
  })

  it('keeps its recorded outcome when the lease cannot be released (F35)', async () => {
    const world = pricesWorld('items', ['AAA'], T0, {
      faults: (store) => ({
        ...store,
        states: { ...store.states, release: () => Promise.reject(new Error('down')) },
      }),
    })
    world.script(priced(T0))

    const run = await world.tick(T0)

    expect(run.status).toBe('succeeded')
    expect(world.events).toHaveLength(1)
    expect(world.lines.map(({ level }) => level)).toEqual(['WARN', 'INFO'])
  })

  it('publishes and logs no outcome when the record belongs to another owner (F37)', async () => {
    const world = pricesWorld('items', ['AAA'], T0)
    world.script((request) => {
      const [record] = world.store.memory.runs.values()
      if (record) world.store.memory.runs.set(`${JOB} ${record.id}`, { ...record, owner: 'another' })
      return priced(T0)(request)
    })

    await world.tick(T0)

    const state = await world.store.states.get(JOB)
    expect(world.lines.map(({ level }) => level)).toEqual(['WARN'])
    expect(state.lastRun).toBeUndefined()
    expect(state.lease).toBeUndefined()
  })

  it('replaces the value that an older run published between its read and its confirmation (F36)', async () => {
    const world = pricesWorld('items', ['AAA'], T0)
    world.script(priced(T0))
    await world.tick(T0)
    const first = await world.store.items.get(JOB, 'AAA')
    const { confirm } = world.store.items
    world.store.items.confirm = async (job, item) => {
      const older = { ...item, fence: item.fence - 1, etag: 'older', body: new Uint8Array() }
      await world.store.items.put(job, older, T0)
      return confirm(job, item)
    }
    await world.store.states.acquire(JOB, { kind: 'key', key: 'AAA' }, { owner: 'x', until: T0 }, T0)

    const run = await world.tick(T0 + 5 * MINUTE)

    expect(run).toMatchObject({ status: 'succeeded', fence: 3 })
    expect(await world.store.items.get(JOB, 'AAA')).toMatchObject({ fence: 3, etag: first?.etag })
  })

  it('leaves the dataset overdue while a key has no value at all', async () => {
    const world = pricesWorld('items', ['AAA', 'BBB'], T0)
    world.script(priced(T0))
    await world.tick(T0)
    const { freshUntil } = await world.store.states.get(JOB)
    world.store.memory.items.delete(`${JOB} BBB`)
    world.script((request) =>
      request.url.search.includes('BBB') ? { status: 404, body: '{}' } : priced(T0 + MINUTE)(request),
    )

    await world.tick(T0 + 60 * MINUTE)

    expect((await world.store.states.get(JOB)).freshUntil).toBe(freshUntil)
  })

  it('stores the longest wait that the upstream demanded', async () => {
    const world = pricesWorld('items', ['AAA', 'BBB'], T0)
    world.script(({ url }) => ({
      status: 429,
      body: '{}',
      headers: { 'retry-after': url.search.includes('AAA') ? '600' : '3600' },
    }))

    await world.tick(T0)

    const { coolDown } = await world.store.upstreams.get('prices')
    expect(Math.floor((coolDown?.until ?? 0) / 1_000)).toBe((T0 + 3_600_000) / 1_000)
  })

  it('makes no further attempt for any key once the upstream demanded a wait (I7)', async () => {
    const world = pricesWorld('items', ['AAA', 'BBB'], T0)
    world.script(({ url }) =>
      url.search.includes('AAA')
        ? { status: 429, body: '{}', headers: { 'retry-after': '3600' } }
        : { status: 503, body: '' },
    )

    const run = await world.tick(T0)

    expect(run).toMatchObject({ status: 'failed', attempts: 2 })
    expect(world.calls).toHaveLength(2)
  })

  it('honours within a second a wait that another run stored, and does not change it (I7)', async () => {
    const world = pricesWorld('items', symbolNames(30), T0)
    const limits = { ...world.work.upstream.limits, perMinute: 300, burst: 1 }
    Object.assign(world.work, { upstream: { ...world.work.upstream, limits } })
    const coolDown = { until: T0 + 3_600_000, reason: 'rate-limited' } as const
    const { upstreams } = world.store.memory
    world.script((request, call) => {
      const state = upstreams.get('prices')
      if (call === 1 && state) upstreams.set('prices', { ...state, revision: state.revision + 1, coolDown })
      return priced(T0)(request)
    })

    const run = await world.tick(T0)

    expect(run).toMatchObject({ status: 'partial', reason: 'rate-limited' })
    expect(run.attempts).toBe(world.calls.length)
    expect(world.calls.length).toBeLessThanOrEqual(1 + 300 / 60)
    expect((await world.store.upstreams.get('prices')).coolDown).toEqual(coolDown)
  })

  it('stores the wait that the upstream demanded even when the table then refuses the data (I7)', async () => {
    const world = pricesWorld('snapshot', ['AAA', 'BBB'], T0, {
      faults: (store) => ({
        ...store,
        snapshots: { ...store.snapshots, publish: () => Promise.reject(new Error('down')) },
      }),
    })
    world.script((request) =>
      request.url.search.includes('AAA')
        ? priced(T0)(request)
        : { status: 429, body: '{}', headers: { 'retry-after': '3600' } },
    )

    const run = await world.tick(T0)

    expect(run).toMatchObject({ status: 'failed', reason: 'store', attempts: 2 })
    expect((await world.store.upstreams.get('prices')).coolDown?.until).toBe(T0 + 3_600_000)
  })

  it('keeps its outcome when the bus is down, and logs a warning', async () => {
    const world = pricesWorld('items', ['AAA'], T0)
    world.script(priced(T0))
    world.work.ports.bus.publish = () => Promise.reject(new Error('bus down'))

    const run = await world.tick(T0)

    expect(run.status).toBe('succeeded')
    expect(world.lines.map(({ level }) => level)).toEqual(['WARN', 'INFO'])
  })
})

/** Notes the name of each write that passes. */
function counting(store: Store, counted: string[]): Store {
  const watch = <T extends object>(name: string, part: T): T =>
    new Proxy(part, {
      get: (target, property, receiver) => {
        const method = Reflect.get(target, property, receiver)
        if (typeof method !== 'function' || /^(get|getMany|head|entries|list)$/.test(String(property)))
          return method
        return (...parameters: unknown[]) => {
          counted.push(`${name}.${String(property)}`)
          return method.apply(target, parameters)
        }
      },
    })
  return Object.fromEntries(
    Object.entries(store).map(([name, part]) => [name, watch(name, part as object)]),
  ) as unknown as Store
}
