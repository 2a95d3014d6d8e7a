import type { Context } from 'aws-lambda'
import { describe, expect, test, vi } from 'vitest'
import { jobs } from '#functions/declared-jobs.ts'
import { runRequest } from '#functions/job-event.ts'
import { METRIC } from '#functions/watchdog/metrics.ts'
import { type Watched, watch } from '#functions/watchdog/watch.ts'
import { type AlarmSpec, alarmsOf } from '#infra/alarms.ts'
import { cadenceOf } from '#infra/cadence.ts'
import { type Job, resolveJob } from '#shared/declare/job.ts'
import { run } from '#shared/engine/run.ts'
import { priceBody, pricesJob, pricesWorld } from '#test/fakes/prices.ts'
import type { World } from '#test/fakes/world.ts'

const T0 = Date.UTC(2026, 10, 20, 12, 1, 0)
const MINUTE = 60_000
const JOB = 'prices-items'

/** What a schedule gives to a function. */
function tickEvent(at: number): object {
  return { job: JOB, tick: new Date(at).toISOString() }
}

/** One invocation of the job's function: its event is read, then its run is made. */
async function invoke<V>(event: object, { work, clock }: World<V>) {
  return run(runRequest(event, work.job.id, clock.now()), work)
}

/** A world whose provider always has a new price. */
function priced() {
  const world = pricesWorld('items', ['AAA'], T0)
  world.script(({ url }, call) => ({ status: 200, body: priceBody(url, call, world.clock.now()) }))
  return world
}

describe('a schedule that no longer ticks', () => {
  const all = [...jobs, pricesJob('items')].map((declaration) => resolveJob(declaration, {}))

  test.each(all.filter(({ off }) => off === undefined))(
    'of the job $id is told by an alarm within the time its data are fresh and two intervals (F27)',
    async (job) => {
      const { clock, work, store } = pricesWorld('items', [], T0)
      const { freshForMs } = job.freshness
      const ended = {
        fence: 1,
        consecutiveFailures: 0,
        lastTick: T0,
        lastSuccessAt: T0,
        freshUntil: T0 + freshForMs,
      }
      store.memory.states.set(job.id, ended)
      const until = T0 + freshForMs + 2 * cadenceOf(job.schedule).longestMs

      const raised = new Set<string>()
      for (; clock.now() <= until; clock.advance(MINUTE)) {
        const seen = await watch(job, work.ports)
        for (const name of seen ? alarmsOn(seen, job) : []) raised.add(name)
      }

      expect(raised).toContain('test-missed-ticks')
      expect(store.memory.runs.size).toBeGreaterThan(0)
      for (const { status } of store.memory.runs.values()) expect(status).toBe('missed')
    },
  )

  function alarmsOn(seen: Watched, job: Job): string[] {
    return alarmsOf('test', [job])
      .filter(({ series, threshold }) => figureOf(series, seen) >= threshold)
      .map(({ name }) => name)
  }

  function figureOf(series: AlarmSpec['series'], seen: Watched): number {
    const name = (Object.keys(METRIC) as (keyof typeof METRIC)[]).find((key) => METRIC[key] === series.metric)
    return name === undefined ? 0 : seen[name]
  }
})

describe('an event that is none', () => {
  /** An invocation of the function that is deployed. */
  async function invoked(event: unknown) {
    for (const name of ['TABLE', 'BUS', 'STAGE', 'VERSION']) vi.stubEnv(`FRESHET_${name}`, 'test')
    const { handler } = await import('#functions/jobs/global-market/handler.ts')
    return handler(event, { getRemainingTimeInMillis: () => 60_000 } as Context)
  }

  test.each([
    ['is malformed', { tick: 'now' }, 'expected an event for the job global-market, got nothing'],
    ['names an unknown job', { job: 'nobody', tick: '2026-11-20T12:01:00Z' }, 'got "nobody"'],
    ['weighs a megabyte', { job: 'global-market', more: 'x'.repeat(1_000_000) }, 'got "more" too'],
    ['is a megabyte of text', 'x'.repeat(1_000_000), 'expected an object as event, got "xxx'],
  ])(
    'because it %s fails its invocation with a short reason, before any run (F28)',
    async (_, event, reason) => {
      const error = await invoked(event).then(
        () => undefined,
        (thrown: Error) => thrown,
      )

      expect(error).toBeInstanceOf(TypeError)
      expect(error?.message).toContain(reason)
      expect(error?.message.length).toBeLessThan(200)
    },
  )
})

describe('ticks that are redriven once their function is mended', () => {
  test('are dropped when a newer one has succeeded, however often they come (F32)', async () => {
    const world = priced()
    const letters = [0, 5, 10].map((minute) => tickEvent(T0 + minute * MINUTE))
    world.clock.advance(15 * MINUTE)
    await invoke(tickEvent(T0 + 15 * MINUTE), world)
    const stored = await world.store.items.get(JOB, 'AAA')

    const first = await Promise.all(letters.map((letter) => invoke(letter, world)))
    const second = await Promise.all(letters.map((letter) => invoke(letter, world)))

    expect(first.map(({ status, reason }) => [status, reason])).toEqual(
      letters.map(() => ['skipped', 'superseded']),
    )
    expect(second.map(({ status, reason }) => [status, reason])).toEqual(
      letters.map(() => ['skipped', 'duplicate']),
    )
    expect(world.calls).toHaveLength(1)
    expect(await world.store.items.get(JOB, 'AAA')).toEqual(stored)
    expect(world.store.memory.runs.size).toBe(4)
  })

  test('are run in whatever order they come, one outcome each, and no price goes back (F32)', async () => {
    const world = priced()
    const letters = [10, 0, 5].map((minute) => tickEvent(T0 + minute * MINUTE))
    world.clock.advance(15 * MINUTE)

    for (const letter of [...letters, ...letters]) await invoke(letter, world)

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

  test('are not run when the watchdog has given them up (F32)', async () => {
    const world = priced()
    const look = () => watch(world.work.job, world.work.ports)
    await look()
    world.clock.advance(20 * MINUTE)
    await look()
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
