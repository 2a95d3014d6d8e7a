import { describe, expect, test } from 'vitest'
import { parseRunRequest } from '#functions/runtime/events.ts'
import { watchJob } from '#functions/watchdog/watch.ts'
import { run } from '#shared/engine/run.ts'
import { priceBody, pricesWorld } from '#test/fakes/jobs/prices.ts'
import type { World } from '#test/fakes/world/world.ts'

const T0 = Date.UTC(2026, 10, 20, 12, 1, 0)
const MINUTE = 60_000
const JOB = 'prices-items'

/** What a schedule gives to a function. */
function tickEvent(at: number): object {
  return { job: JOB, tick: new Date(at).toISOString() }
}

/** One invocation of the job's function: its event is read, then its run is made. */
async function invoke<V>(event: object, { work, clock }: World<V>) {
  return run(parseRunRequest(event, work.job, clock.now()), work)
}

/** A world whose provider always has a new price. */
function priced() {
  const world = pricesWorld('items', ['AAA'], T0)
  world.script(({ url }, call) => ({ status: 200, body: priceBody(url, call, world.clock.now()) }))
  return world
}

describe('ticks that are redriven once their function is repaired', () => {
  test('are skipped when a newer one has succeeded, however often they are delivered (F32)', async () => {
    const world = priced()
    const deadLetters = [0, 5, 10].map((minute) => tickEvent(T0 + minute * MINUTE))
    world.clock.advance(15 * MINUTE)
    await invoke(tickEvent(T0 + 15 * MINUTE), world)
    const stored = await world.store.items.get(JOB, 'AAA')

    const first = await Promise.all(deadLetters.map((letter) => invoke(letter, world)))
    const second = await Promise.all(deadLetters.map((letter) => invoke(letter, world)))

    expect(first.map(({ status, reason }) => [status, reason])).toEqual(
      deadLetters.map(() => ['skipped', 'superseded']),
    )
    expect(second.map(({ status, reason }) => [status, reason])).toEqual(
      deadLetters.map(() => ['skipped', 'duplicate']),
    )
    expect(world.calls).toHaveLength(1)
    expect(await world.store.items.get(JOB, 'AAA')).toEqual(stored)
    expect(world.store.memory.runs.size).toBe(4)
  })

  test('run in any order, with one outcome each, and no price goes back (F32)', async () => {
    const world = priced()
    const deadLetters = [10, 0, 5].map((minute) => tickEvent(T0 + minute * MINUTE))
    world.clock.advance(14 * MINUTE)

    for (const letter of [...deadLetters, ...deadLetters]) await invoke(letter, world)

    const runs = [...world.store.memory.runs.values()]
    expect(runs.map(({ status, reason, duplicates }) => [status, reason, duplicates])).toEqual([
      ['succeeded', undefined, 1],
      ['skipped', 'superseded', 1],
      ['skipped', 'superseded', 1],
    ])
    expect(world.calls).toHaveLength(1)
    expect((await world.store.states.get(JOB)).lastTick).toBe(T0 + 10 * MINUTE)
  })

  test('take over the run that could not record its outcome, and do so once (F32)', async () => {
    const world = priced()
    const { close } = world.store.runs
    world.store.runs.close = () => Promise.reject(new Error('the table is down'))
    const letter = tickEvent(T0)
    const failed = await invoke(letter, world).catch((error: Error) => error.message)
    world.store.runs.close = close
    world.clock.advance(3 * MINUTE)

    const redriven = await invoke(letter, world)
    const again = await invoke(letter, world)

    expect(failed).toBe('the table is down')
    expect(redriven).toMatchObject({ status: 'succeeded', duplicates: 1 })
    expect(again).toMatchObject({ status: 'skipped', reason: 'duplicate' })
    expect(world.calls).toHaveLength(2)
    expect(world.store.memory.runs.size).toBe(1)
  })

  test('do not run when the watchdog has recorded them as missed (F32)', async () => {
    const world = priced()
    const watch = () => watchJob(world.work.job, world.work.ports)
    await watch()
    world.clock.advance(20 * MINUTE)
    await watch()
    const missed = [...world.store.memory.runs.values()]

    const late = await invoke(tickEvent(T0 + 5 * MINUTE), world)

    expect(missed.map(({ status }) => status)).toEqual(['missed', 'missed'])
    expect(late).toMatchObject({ status: 'skipped', reason: 'duplicate' })
    expect(world.store.memory.runs.get(`${JOB} ${late.id}`)).toMatchObject({
      status: 'missed',
      duplicates: 1,
    })
    expect(world.calls).toEqual([])
  })
})
