import { describe, expect, test } from 'vitest'
import { submitEvents } from '#functions/submit/events.ts'
import { resolveJob } from '#shared/declare/job.ts'
import type { Control } from '#shared/domain/records/control.ts'
import { fundingWorld } from '#test/fakes/jobs/funding-world.ts'
import { tinyTaskJob } from '#test/support/jobs/test-jobs.ts'

const RUN = 'funding-contracts-20261120T144000Z'

/** A copy of the event that tells of a run of the contracts, which ended at a moment. */
const refreshedEvent = (at: number, { id = 'e1', runId = RUN } = {}) => ({
  source: 'freshet',
  'detail-type': 'dataset.refreshed',
  id,
  time: new Date(at + 500).toISOString(),
  detail: { job: 'funding-contracts', runId, keys: 3, at: new Date(at).toISOString() },
})

async function door(follows: readonly string[] = []) {
  const base = await fundingWorld()
  const { clock } = base
  // jitter leaves a part of a millisecond, which no system clock has
  clock.advance(Math.ceil(clock.now()) - clock.now())
  const job = { ...base.job, follows }
  Object.assign(base.work, { job })
  const deliver = submitEvents([job, base.contractsJob], base.ports)
  const runs = () => [...base.store.memory.runs.values()].filter((run) => run.job === job.id)
  const decide = (control: Partial<Control>) =>
    base.store.controls.replace(job.id, { revision: 1, ...control })
  return { ...base, job, deliver, runs, decide }
}

describe('the contracts that are published', () => {
  test('make the first task of the rates, the same one however often and late the event is delivered', async () => {
    const { deliver, clock, machines, runs } = await door()
    const at = clock.now()

    const [first] = await deliver(refreshedEvent(at))
    const [copy] = await deliver(refreshedEvent(at, { id: 'e2' }))
    await machines.run(first?.run ?? '')
    clock.advance(9 * 3_600_000)
    const [replayed] = await deliver(refreshedEvent(at, { id: 'e3' }))

    expect(first?.status).toBe('created')
    expect(copy).toEqual({ status: 'repeated', run: first?.run })
    expect(replayed?.status).toBe('repeated')
    expect(runs()).toEqual([expect.objectContaining({ status: 'succeeded', input: RUN })])
    expect(machines.started).toEqual([first?.run])
  })

  test('make one task when the event is delivered twice at the same moment', async () => {
    const { deliver, clock, machines } = await door()
    const at = clock.now()

    const ends = await Promise.all([deliver(refreshedEvent(at)), deliver(refreshedEvent(at, { id: 'e2' }))])

    expect(new Set(ends.flat().map(({ run }) => run)).size).toBe(1)
    expect(machines.started).toHaveLength(1)
  })

  test('make no task while the rates are fresh: neither a record nor a machine, only a counted skip', async () => {
    const { deliver, clock, refreshed, runs, job, store } = await door()
    await refreshed()
    const before = runs().length

    const ends = await deliver(refreshedEvent(clock.now()))

    expect(ends).toEqual([{ status: 'skipped' }])
    expect(runs()).toHaveLength(before)
    expect(store.memory.states.get(job.id)?.skips).toBe(1)
  })

  test('make a task of rates that follow them, however fresh these are', async () => {
    const { deliver, clock, refreshed, machines } = await door(['funding-contracts'])
    await refreshed()

    const [end] = await deliver(refreshedEvent(clock.now()))
    const how = await machines.run(end?.run ?? '')

    expect([end?.status, how]).toEqual(['created', 'end'])
  })

  test('make no task while the rates are paused', async () => {
    const { deliver, clock, decide, runs } = await door()
    await decide({ pause: { until: clock.now() + 60_000, reason: 'maintenance', by: 'ops' } })

    expect(await deliver(refreshedEvent(clock.now()))).toEqual([{ status: 'skipped' }])
    expect(runs()).toEqual([])
  })

  test('do not join a task that was submitted before, for it may have planned without them', async () => {
    const { deliver, clock, submitted, machines } = await door()
    const before = await submitted()
    clock.advance(700)

    const [end] = await deliver(refreshedEvent(clock.now()))

    expect(end?.status).toBe('created')
    expect(machines.started).toEqual([before, end?.run])
  })

  test('join a task that was submitted since, and leave a record that says so', async () => {
    const { deliver, clock, submitted, runs, machines } = await door(['funding-contracts'])
    const at = clock.now()
    clock.advance(700)
    const since = await submitted()

    const [end] = await deliver(refreshedEvent(at))
    await machines.run(since)
    clock.advance(9 * 3_600_000)
    const [replayed] = await deliver(refreshedEvent(at, { id: 'e2' }))

    expect(end).toEqual({ status: 'coalesced', run: since })
    expect(replayed?.status).toBe('repeated')
    expect(runs().map(({ status, reason, input }) => [status, reason, input])).toEqual([
      ['succeeded', undefined, undefined],
      ['skipped', 'coalesced', RUN],
    ])
    expect(machines.started).toEqual([since])
  })

  test('that found a task waiting before its turn leave it nothing to do once another one has published', async () => {
    const { deliver, clock, submitted, machines, runs } = await door()
    const before = await submitted()
    clock.advance(700)
    const [end] = await deliver(refreshedEvent(clock.now()))

    await machines.run(before)
    await machines.run(end?.run ?? '')

    expect(runs().map(({ status, reason }) => [status, reason])).toEqual([
      ['succeeded', undefined],
      ['skipped', 'nothing-to-do'],
    ])
  })
})

test('a task that may end with nothing to do is not shared: another submission of the same work gets a new task', async () => {
  const { deliver, clock, submitted, machines, state, store, job } = await door()
  const before = await submitted()
  clock.advance(700)
  const [end] = await deliver(refreshedEvent(clock.now()))

  const joined = await submitted()
  await machines.run(before)
  await machines.run(end?.run ?? '')
  const newRun = await submitted({}, { requiresNewRun: true })

  expect(joined).toBe(before)
  expect((await store.runs.get(job.id, end?.run ?? ''))?.status).toBe('skipped')
  expect([before, end?.run]).not.toContain(newRun)
  expect((await state()).lastSuccessAt).toBeDefined()
})

describe('an input of several tasks', () => {
  const other = resolveJob(tinyTaskJob({ id: 'toy-reader', inputs: ['funding-contracts'] }), {})
  const off = resolveJob(
    tinyTaskJob({ id: 'toy-off', inputs: ['funding-contracts'], off: () => 'not wanted' }),
    {},
  )

  test('makes a task of each that runs', async () => {
    const { job, ports, clock } = await door()
    const deliver = submitEvents([job, other, off], ports)

    const ends = await deliver(refreshedEvent(clock.now()))

    expect(ends.map(({ status, run }) => [status, run?.slice(0, -27)])).toEqual([
      ['created', 'funding-rates'],
      ['created', 'toy-reader'],
    ])
  })

  test('that cannot be said to one of them is said again, and makes no second task of the others', async () => {
    const { job, ports, clock, machines } = await door()
    let isDown = true
    const states = {
      ...ports.store.states,
      get: async (id: string) => {
        if (isDown && id === other.id) throw new Error('the table is away')
        return ports.store.states.get(id)
      },
    }
    const deliver = submitEvents([job, other], { ...ports, store: { ...ports.store, states } })
    const event = refreshedEvent(clock.now())

    await expect(deliver(event)).rejects.toThrow('the table is away')
    isDown = false
    const ends = await deliver(event)

    expect(ends.map(({ status }) => status)).toEqual(['repeated', 'created'])
    expect(machines.started).toHaveLength(2)
  })

  test('that none of them reads is refused: it is kept in the dead letters', async () => {
    const { job, ports, clock } = await door()
    const event = refreshedEvent(clock.now())
    const stray = { ...event, detail: { ...event.detail, job: 'hama' } }

    await expect(submitEvents([job, off], ports)(stray)).rejects.toThrow(
      /expected an event for one of funding-contracts; got "hama"/,
    )
  })
})
