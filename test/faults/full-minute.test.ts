import { describe, expect, it } from 'vitest'
import { watchJob } from '#functions/watchdog/watch.ts'
import type { HttpRequest } from '#shared/domain/ports/http.ts'
import { run } from '#shared/engine/run.ts'
import { type HamaWorld, hamaWorld, simulatedReply, TICK } from '#test/fakes/jobs/hama.ts'

const MINUTE = 60_000
const SKEW = 1_000
const HEADER = 'x-mbx-used-weight-1m'
const FULL = 4_860
const isFirstAddress = ({ url }: HttpRequest) => url.hostname === 'data-api.binance.vision'

/** The exchange counts so much already in the minute of the first tick; each call adds what one of klines weighs. */
function counting(
  base: HamaWorld,
  already: number,
  isCounted: (request: HttpRequest) => boolean = () => true,
) {
  const first = Math.floor(base.clock.now() / MINUTE)
  const used = new Map([[first, already]])
  const calls: { readonly at: number; readonly host: string }[] = []
  base.script(async (request) => {
    const startedAt = base.clock.now()
    calls.push({ at: startedAt, host: request.url.hostname })
    await base.clock.sleep(20)
    if (!isCounted(request)) return simulatedReply(request, base.clock.now())
    const minute = Math.floor(startedAt / MINUTE)
    used.set(minute, (used.get(minute) ?? 0) + 2)
    return { ...simulatedReply(request, base.clock.now()), headers: { [HEADER]: String(used.get(minute)) } }
  })
  return calls
}

/** Writes of what is known of the first address. */
function countedWrites(base: HamaWorld): () => number {
  let writes = 0
  const { upstreams } = base.store
  const replace = upstreams.replace.bind(upstreams)
  Object.assign(upstreams, {
    replace: (...what: Parameters<typeof replace>) => {
      if (what[0] === 'binance-spot') writes += 1
      return replace(...what)
    },
  })
  return () => writes
}

describe('a provider that reports a nearly full minute', () => {
  it('is called for the rest in its next minute, in the same run and without a failure', async () => {
    const base = await hamaWorld()
    const calls = counting(base, 4_740)

    const ended = await base.tick(TICK)

    const minute = TICK + MINUTE + SKEW
    const [before, after] = [calls.filter(({ at }) => at < minute), calls.filter(({ at }) => at >= minute)]
    const { breaker, coolDown, usageCoolDown } = await base.store.upstreams.get('binance-spot')
    expect(ended).toMatchObject({ status: 'succeeded', counts: { planned: 78, published: 78 }, attempts: 78 })
    // 30 calls reach the mark; those that were under way then end too
    expect(before.length).toBeGreaterThanOrEqual(30)
    expect(before.length).toBeLessThanOrEqual(30 + 8)
    expect(before.length + after.length).toBe(78)
    expect(calls.every(({ host }) => host === 'data-api.binance.vision')).toBe(true)
    expect((ended.endedAt ?? 0) - TICK).toBeLessThan(70_000)
    expect([breaker, coolDown, usageCoolDown]).toEqual([{ failures: 0 }, undefined, undefined])
    expect(base.lines.filter(({ level }) => level !== 'INFO')).toEqual([])
  })

  it('costs one write more than a normal run, however many responses report it', async () => {
    const quiet = await hamaWorld()
    const quietWrites = countedWrites(quiet)
    counting(quiet, 0)
    await quiet.tick(TICK)
    const base = await hamaWorld()
    const writes = countedWrites(base)
    counting(base, 4_740)

    await base.tick(TICK)

    // the mark, and the block of the next minute
    expect(writes() - quietWrites()).toBeLessThanOrEqual(2)
    expect(quietWrites()).toBeLessThanOrEqual(4)
  })

  it('at both addresses: keys that do not fit into the run are left, and the run is partial with the reason', async () => {
    const base = await hamaWorld()
    const calls = counting(base, 4_740)
    const stopBy = TICK + 50_000

    const ended = await run({ cause: 'tick', tick: TICK, stopBy }, base.work)

    expect(ended).toMatchObject({ status: 'partial', reason: 'rate-limited', counts: { planned: 78 } })
    expect(ended.message).toMatch(
      /Binance spot data counts 48\d\d in its current minute and is cooling down until/,
    )
    expect(ended.counts?.published).toBe(calls.length)
    expect(Math.max(...calls.map(({ at }) => at))).toBeLessThan(TICK + 10_000)
    expect((await base.store.upstreams.get('binance-spot')).breaker).toEqual({ failures: 0 })
  })

  it('at one address: keys that do not fit into the run are fetched at the other one', async () => {
    const base = await hamaWorld()
    const calls = counting(base, 4_740, isFirstAddress)

    const ended = await run({ cause: 'tick', tick: TICK, stopBy: TICK + 50_000 }, base.work)

    expect(ended).toMatchObject({ status: 'succeeded', counts: { published: 78 } })
    expect(calls.filter(({ host }) => host === 'api.binance.com').length).toBeGreaterThan(30)
  })

  it('is not called until its next minute, neither by another job nor for a reader', async () => {
    const base = await hamaWorld()
    const calls = counting(base, FULL)
    const first = await run({ cause: 'tick', tick: TICK, stopBy: TICK + 20_000 }, base.work)
    const met = calls.splice(0)
    base.clock.advance(10_000)

    const [read, universe] = await Promise.all([
      run({ cause: 'cold-read', key: 'ETHBTC' }, base.work),
      base.refreshUniverse(),
    ])

    expect(first.status).toBe('partial')
    // sixteen under way at two addresses
    expect(met.length).toBeLessThanOrEqual(16)
    expect([read.status, universe.status]).toEqual(['succeeded', 'succeeded'])
    expect(calls.length).toBeGreaterThanOrEqual(3)
    expect(Math.min(...calls.map(({ at }) => at))).toBeGreaterThanOrEqual(TICK + MINUTE + SKEW)
  })

  it('is no fault of the job: the next tick runs normally, and the watchdog raises no alarm', async () => {
    const base = await hamaWorld()
    counting(base, 4_740)
    await base.tick(TICK)
    base.clock.advance(TICK + 5 * MINUTE - base.clock.now())

    const next = await base.tick(TICK + 5 * MINUTE)
    const watched = await watchJob(base.work.job, base.work.ports)

    expect(next).toMatchObject({ status: 'succeeded', counts: { failed: 0 } })
    expect(watched).toMatchObject({ consecutiveFailures: 0, conditions: [] })
  })

  it('applies to the run even if it cannot be stored', async () => {
    const base = await hamaWorld()
    const calls = counting(base, 4_740)
    const { upstreams } = base.store
    const replace = upstreams.replace.bind(upstreams)
    Object.assign(upstreams, {
      replace: async (...what: Parameters<typeof replace>) => {
        if (what[1].usageCoolDown && what[1].due === (await upstreams.get(what[0])).due)
          throw new Error('throttled')
        return replace(...what)
      },
    })

    const ended = await base.tick(TICK)

    expect(ended).toMatchObject({ status: 'succeeded', counts: { published: 78 } })
    expect(calls.filter(({ at }) => at < TICK + MINUTE + SKEW).length).toBeLessThanOrEqual(38)
    expect(base.lines.filter(({ level }) => level === 'WARN').map(({ message }) => message)).toEqual([
      'The usage cool-down of an upstream could not be stored',
    ])
  })
})
