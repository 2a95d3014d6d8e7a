import { describe, expect, it } from 'vitest'
import { taskState } from '#shared/domain/records/run-record.ts'
import { runTaskStep } from '#shared/engine/task/steps.ts'
import { submit } from '#shared/engine/task/submit.ts'
import { priceBody, pricesWorld } from '#test/fakes/jobs/prices.ts'

const T0 = Date.UTC(2026, 10, 20, 12)
const HOUR = 3_600_000

/** What one look at the lease adds to the history of the machine: three states entered and left, one invocation. */
const EVENTS_PER_POLL = 9
const MOST_EVENTS = 25_000

/** A task that finds another run at the lease. */
async function behindAnother(deadline: '10 minutes' | '24 hours', leaseMs: number) {
  const world = pricesWorld('items', ['AAA'], T0, { change: { run: { mode: 'task', deadline } } })
  world.script(({ url }) => ({ status: 200, body: priceBody(url, 1, T0) }))
  const { job, ports } = world.work
  await world.store.states.acquire(job.id, { kind: 'job' }, { owner: 'another', until: T0 + leaseMs }, T0)
  const stateMachines = { start: async () => {} }
  const submission = await submit(
    { job, cause: 'operator', params: {} },
    { ...ports, store: world.store, stateMachines },
  )
  const run = 'run' in submission ? submission.run.id : ''
  const begin = async () => {
    const next = await runTaskStep({ step: 'begin', run }, world.work, world.clock.now() + 60_000)
    if (next?.next === 'wait') world.clock.advance(next.seconds * 1_000)
    return next
  }
  return { world, job, run, begin, record: () => world.store.runs.get(job.id, run) }
}

describe('a skipped tick of a task job', () => {
  it('ends its state machine without a failure', async () => {
    const world = pricesWorld('items', ['AAA'], T0, {
      change: { run: { mode: 'task', deadline: '10 minutes' } },
    })
    const { job, ports } = world.work
    world.store.memory.controls.set(job.id, {
      revision: 1,
      pause: { until: T0 + HOUR, reason: 'maintenance', by: 'ops' },
    })
    const stateMachines = { start: async () => {} }
    const request = { job, cause: 'tick', tick: T0, params: {} } as const
    const submission = await submit(request, { ...ports, store: world.store, stateMachines })
    const run = 'run' in submission ? submission.run.id : ''

    const next = await runTaskStep({ step: 'begin', run }, world.work, T0 + 60_000)

    expect(next).toEqual({ next: 'end' })
    expect(await world.store.runs.get(job.id, run)).toMatchObject({ status: 'skipped', reason: 'paused' })
  })
})

describe('a task that waits for the lease', () => {
  it('checks again after two seconds, and is pending until it has the lease', async () => {
    const { begin, record, world } = await behindAnother('10 minutes', 3_000)

    const polls = [await begin(), await begin()]
    const waiting = await record()
    const got = await begin()

    expect(polls).toEqual([
      { next: 'wait', seconds: 2 },
      { next: 'wait', seconds: 2 },
    ])
    expect(waiting?.task).toMatchObject({ waitingAt: T0 })
    expect(waiting && taskState(waiting, T0 + 4_000)).toBe('PENDING')
    expect(got).toMatchObject({ next: 'chunks' })
    expect(world.clock.now()).toBe(T0 + 4_000)
  })

  it('waits longer the longer it has waited, so that a day of it fits into the history of its machine', async () => {
    const { begin, record, world } = await behindAnother('24 hours', 25 * HOUR)
    const waits: number[] = []

    for (let next = await begin(); next?.next === 'wait'; next = await begin()) waits.push(next.seconds)

    expect(waits.length * EVENTS_PER_POLL).toBeLessThan(MOST_EVENTS)
    expect(waits).toEqual(waits.toSorted((a, b) => a - b))
    expect(waits.at(-1)).toBe(60)
    expect(world.clock.now()).toBeGreaterThanOrEqual(T0 + 24 * HOUR)
    expect(await record()).toMatchObject({ status: 'failed', reason: 'timeout' })
  })

  it('runs no further step when it is cancelled meanwhile', async () => {
    const { begin, record, world } = await behindAnother('10 minutes', 60_000)
    const stored = await record()
    if (stored)
      await world.store.runs.close({ ...stored, status: 'failed', reason: 'cancelled', endedAt: T0 })

    expect(await begin()).toEqual({ next: 'end' })
  })
})
