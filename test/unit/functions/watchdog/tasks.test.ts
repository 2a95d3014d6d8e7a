import { describe, expect, it } from 'vitest'
import { metricGroups } from '#functions/watchdog/metrics.ts'
import { watchJob } from '#functions/watchdog/watch.ts'
import { every } from '#shared/declare/schedule.ts'
import { conditionsOf } from '#shared/domain/conditions.ts'
import { taskState } from '#shared/domain/records/run-record.ts'
import { runTaskStep } from '#shared/engine/task/steps.ts'
import { submit } from '#shared/engine/task/submit.ts'
import { priceBody, pricesWorld } from '#test/fakes/jobs/prices.ts'

const T0 = Date.UTC(2026, 10, 20, 12, 1)
const SECOND = 1_000
const MINUTE = 60 * SECOND

/** A submitted task of ten minutes, its machine not begun, and the watchdog of its job. */
async function pending(stored: 'items' | 'snapshot' = 'items', schedule = every('1 day')) {
  const run = { mode: 'task', deadline: '10 minutes' } as const
  const world = pricesWorld(stored, ['AAA'], T0, { change: { run, schedule } })
  world.script(({ url }) => ({ status: 200, body: priceBody(url, 1, T0) }))
  const { job, ports } = world.work
  const stateMachines = { start: async () => {} }
  const task = async () => {
    const submission = await submit(
      { job, cause: 'operator', params: {}, requiresNewRun: true },
      { ...ports, store: world.store, stateMachines },
    )
    return 'run' in submission ? submission.run.id : ''
  }
  const id = await task()
  const step = (name: 'begin' | 'finish', of = id) =>
    runTaskStep({ step: name, run: of }, world.work, world.clock.now() + 5 * MINUTE)
  return {
    world,
    job,
    id,
    task,
    step,
    watch: () => watchJob(job, ports),
    record: async () => {
      const record = await world.store.runs.get(job.id, id)
      if (!record) throw new Error('expected the record of the task')
      return record
    },
    at: (ms: number) => world.clock.advance(T0 + ms - world.clock.now()),
  }
}

describe('the watchdog closes a task', () => {
  it('whose machine has not begun within a minute, as failed to start (F63)', async () => {
    const { watch, record, at, world, job, id } = await pending()

    at(59 * SECOND)
    await watch()
    const early = await record()
    at(60 * SECOND)
    const observed = await watch()

    expect(early.status).toBe('running')
    expect(await record()).toMatchObject({ status: 'failed', reason: 'start', endedAt: T0 + 60 * SECOND })
    expect(observed).toMatchObject({ consecutiveFailures: 1, abandonedRuns: 0, conditions: ['failed-tasks'] })
    expect(world.events).toContainEqual({
      type: 'run.failed',
      detail: { job: job.id, runId: id, reason: 'start', upstream: 'prices' },
    })
  })

  it('past its deadline as timed out, gives its lease back and counts one failure (F64)', async () => {
    const { step, watch, record, at, world, job } = await pending()
    await step('begin')

    at(10 * MINUTE - 1)
    await watch()
    const early = await record()
    at(10 * MINUTE)
    const observed = await watch()
    const again = await watch()

    expect(early.status).toBe('running')
    expect(await record()).toMatchObject({ status: 'failed', reason: 'timeout' })
    expect(observed).toMatchObject({ consecutiveFailures: 1, conditions: ['timed-out-tasks'] })
    expect(again?.consecutiveFailures).toBe(1)
    const { lease, consecutiveFailures, lastRun } = await world.store.states.get(job.id)
    expect([lease, consecutiveFailures]).toEqual([undefined, 1])
    expect(lastRun).toMatchObject({ status: 'failed', reason: 'timeout' })
  })

  it('that has waited in vain for another run only when its deadline is over', async () => {
    const { step, watch, record, at, world, job } = await pending()
    const other = { owner: 'another', until: T0 + 60 * MINUTE }
    await world.store.states.acquire(job.id, { kind: 'job' }, other, T0)
    await step('begin')

    at(9 * MINUTE)
    await watch()
    const waiting = await record()
    at(10 * MINUTE)
    await watch()

    expect(taskState(waiting, T0 + 9 * MINUTE)).toBe('PENDING')
    expect(waiting.status).toBe('running')
    expect(await record()).toMatchObject({ status: 'failed', reason: 'timeout' })
    expect((await world.store.states.get(job.id)).lease).toMatchObject({ owner: 'another' })
  })

  it.each(['items', 'snapshot'] as const)(
    'of %s never once it has ended, whatever the time',
    async (stored) => {
      const { step, watch, record, at, world, job, id } = await pending(stored)
      await step('begin')
      await runTaskStep({ step: 'chunk', run: id, chunk: 0 }, world.work, T0 + MINUTE)
      await step('finish')
      const ended = await record()

      at(3 * 60 * MINUTE)
      const observed = await watch()

      expect(ended.status).toBe('succeeded')
      expect(await record()).toEqual(ended)
      expect(observed?.conditions).toEqual([])
      expect((await world.store.states.get(job.id)).consecutiveFailures).toBe(0)
    },
  )
})

describe('a task that has failed', () => {
  it('is a condition for an hour, published once, whatever closed it', async () => {
    const { step, watch, at, world, id } = await pending()
    await step('begin')
    at(MINUTE)
    await runTaskStep({ step: 'close', run: id, error: 'States.TaskFailed' }, world.work, T0 + MINUTE)
    const observed = [await watch()]
    at(30 * MINUTE)
    observed.push(await watch())
    at(61 * MINUTE)
    observed.push(await watch())

    expect(observed.map((one) => one?.conditions)).toEqual([['failed-tasks'], ['failed-tasks'], []])
    const published = world.events.filter(({ type }) => type === 'condition.breached')
    expect(published).toHaveLength(1)
  })

  it('is one although later ticks have been accounted for', async () => {
    const { watch, at } = await pending('items', every('5 minutes'))
    const observed: unknown[] = []

    for (let minute = 1; minute < 60; minute += 1) {
      at(minute * MINUTE)
      observed.push((await watch())?.conditions.includes('failed-tasks'))
    }

    expect(observed).toEqual(observed.map(() => true))
  })

  it('by its deadline and one that failed otherwise are two conditions', async () => {
    const { step, watch, at, task } = await pending()
    await step('begin')
    at(10 * MINUTE)
    await watch()
    await task()
    at(11 * MINUTE)

    expect((await watch())?.conditions).toEqual(['failed-tasks', 'timed-out-tasks'])
  })

  it('because it was cancelled is no condition', async () => {
    const { watch, record, at, world } = await pending()
    const ending = { status: 'failed', reason: 'cancelled', endedAt: T0 } as const
    await world.store.runs.close({ ...(await record()), ...ending })

    at(MINUTE)

    expect((await watch())?.conditions).toEqual([])
  })
})

describe('the series of tasks', () => {
  it('are written only where a job runs tasks, one for each condition however many tasks there are', async () => {
    const { watch, at, job } = await pending()
    at(60 * SECOND)
    const observed = await watch()
    const all = observed ? [observed] : []
    const names = (points: ReturnType<typeof metricGroups>) =>
      points.at(-1)?.points.map(({ metric }) => metric)

    const withTasks = metricGroups(all, conditionsOf([job]))
    const without = metricGroups(all, conditionsOf([{ run: { ...job.run, mode: 'plain' } }]))

    expect(names(withTasks)?.slice(-2)).toEqual(['JobsFailingTasks', 'JobsTimingOutTasks'])
    expect(withTasks.at(-1)?.points.at(-2)?.value).toBe(1)
    expect(names(without)).toEqual(names(withTasks)?.slice(0, -2))
  })
})
