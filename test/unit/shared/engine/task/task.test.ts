import { describe, expect, test } from 'vitest'
import type { HttpRequest } from '#shared/domain/ports/http.ts'
import type { StateMachines } from '#shared/domain/ports/state-machines.ts'
import { taskState } from '#shared/domain/records/run-record.ts'
import { SNAPSHOT_KEY } from '#shared/domain/records/snapshot.ts'
import { cancelTask } from '#shared/engine/task/cancel.ts'
import { runTaskStep } from '#shared/engine/task/steps.ts'
import type { Submission } from '#shared/engine/task/submission.ts'
import { submit } from '#shared/engine/task/submit.ts'
import type { TaskStep } from '#shared/engine/task/task-run.ts'
import { priceBody, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'
import { type StepFault, submitPorts, taskMachines } from '#test/fakes/world/task-machine.ts'
import type { Reply } from '#test/fakes/world/world.ts'

const START = Date.UTC(2026, 10, 20, 15)
const MINUTE = 60_000
const NAMES = symbolNames(7)

interface Choices {
  readonly stored?: 'items' | 'snapshot'
  readonly fate?: (step: TaskStep) => StepFault
  readonly coalesceFor?: '60 seconds'
}

function taskWorld({ stored = 'items', fate, coalesceFor }: Choices = {}) {
  const run = {
    mode: 'task',
    deadline: '2 minutes',
    concurrency: 2,
    chunk: 3,
    ...(coalesceFor ? { coalesceFor } : {}),
  } as const
  const base = pricesWorld(stored, NAMES, START, { change: { run } })
  const { job } = base.work
  const machines = taskMachines(base.work, fate)
  const ports = submitPorts(base.work, base.store, machines)
  base.script(({ url }: HttpRequest): Reply => ({ status: 200, body: priceBody(url, 5, base.clock.now()) }))
  const asking = (change: Partial<Submission> = {}): Submission => ({
    job,
    cause: 'submission',
    params: {},
    ...change,
  })
  const state = async (id: string) => {
    const run = await base.store.runs.get(job.id, id)
    return run && taskState(run, base.clock.now())
  }
  return { ...base, job, machines, ports, asking, state }
}

const created = (submitted: Awaited<ReturnType<typeof submit>>) => {
  if (!('run' in submitted)) throw new Error(`expected a task, got ${submitted.status}`)
  return submitted.run.id
}

describe('a task', () => {
  test.each(['items', 'snapshot'] as const)(
    'goes from pending to succeeded, and publishes %s',
    async (stored) => {
      const base = taskWorld({ stored })

      const id = created(await submit(base.asking(), base.ports))
      const before = await base.state(id)
      const end = await base.machines.run(id)

      const run = await base.store.runs.get(base.job.id, id)
      expect(before).toBe('PENDING')
      expect(end).toBe('end')
      expect(await base.state(id)).toBe('SUCCEEDED')
      expect(run).toMatchObject({ status: 'succeeded', counts: { planned: 7, published: 7 }, attempts: 7 })
      const published =
        stored === 'items'
          ? base.store.memory.items.size
          : base.store.memory.heads.get(`${base.job.id} ${SNAPSHOT_KEY}`)?.count
      expect(published).toBe(7)
      expect((await base.store.states.get(base.job.id)).lastSuccessAt).toBe(run?.endedAt)
      expect((await base.store.states.get(base.job.id)).lease).toBeUndefined()
      const at = new Date(run?.endedAt ?? 0).toISOString()
      expect(base.events).toEqual([
        { type: 'dataset.refreshed', detail: { job: base.job.id, runId: id, keys: 7, at } },
      ])
    },
  )

  test('stores a result for clients that poll: which keys failed, and why', async () => {
    const base = taskWorld()
    base.script(({ url }) =>
      url.searchParams.get('symbol') === 'S003'
        ? { status: 404, body: {} }
        : { status: 200, body: priceBody(url, 5, base.clock.now()) },
    )

    const id = created(await submit(base.asking(), base.ports))
    await base.machines.run(id)

    expect(await base.state(id)).toBe('PARTIAL')
    expect(await base.store.tasks.get(base.job.id, id, 'result#0', base.clock.now())).toEqual({
      counts: { planned: 7, published: 6, unchanged: 0, superseded: 0, failed: 1 },
      failed: [{ key: 'S003', reason: 'not-found' }],
    })
  })

  test('is the same task when each step runs twice (Step Functions retries)', async () => {
    const done = new Set<string>()
    const base = taskWorld({
      stored: 'snapshot',
      fate: (step) => {
        const isFirst = !done.has(JSON.stringify(step))
        done.add(JSON.stringify(step))
        return isFirst ? 'lost' : 'pass'
      },
    })

    const id = created(await submit(base.asking(), base.ports))
    await base.machines.run(id)

    expect(await base.state(id)).toBe('SUCCEEDED')
    expect(base.calls).toHaveLength(7)
    expect(base.store.memory.heads.get(`${base.job.id} ${SNAPSHOT_KEY}`)?.count).toBe(7)
  })

  test('that loses a worker is partial, with the keys of its chunk failed (F64)', async () => {
    const base = taskWorld({ fate: (step) => (step.step === 'chunk' && step.chunk === 0 ? 'die' : 'pass') })

    const id = created(await submit(base.asking(), base.ports))
    await base.machines.run(id)

    const run = await base.store.runs.get(base.job.id, id)
    expect(await base.state(id)).toBe('PARTIAL')
    expect(run).toMatchObject({
      reason: 'timeout',
      message: 'the worker of this chunk ended without a result',
    })
  })

  test('that loses a worker keeps the stored entries of its chunk, and names its keys (F64)', async () => {
    let isDying = false
    const base = taskWorld({
      stored: 'snapshot',
      fate: (step) => (isDying && step.step === 'chunk' && step.chunk === 0 ? 'die' : 'pass'),
    })
    await base.machines.run(created(await submit(base.asking(), base.ports)))
    isDying = true
    base.clock.advance(MINUTE)

    const id = created(await submit(base.asking(), base.ports))
    await base.machines.run(id)

    const run = await base.store.runs.get(base.job.id, id)
    const head = base.store.memory.heads.get(`${base.job.id} ${SNAPSHOT_KEY}`)
    expect(run).toMatchObject({ status: 'partial', counts: { planned: 7, failed: 3 } })
    expect(head).toMatchObject({ count: 7, runId: id })
    expect(await base.store.tasks.get(base.job.id, id, 'result#0', base.clock.now())).toMatchObject({
      failed: ['S000', 'S001', 'S002'].map((key) => ({ key, reason: 'timeout' })),
    })
  })

  test('whose machine dies reads as timed out by its deadline, and refuses every write after it (F64)', async () => {
    const base = taskWorld({ stored: 'snapshot' })
    const id = created(await submit(base.asking(), base.ports))
    await runTaskStep({ step: 'begin', run: id }, base.work, START + MINUTE)
    await runTaskStep({ step: 'chunk', run: id, chunk: 0 }, base.work, START + MINUTE)

    base.clock.advance(2 * MINUTE)
    const late = await runTaskStep({ step: 'finish', run: id }, base.work, START + 4 * MINUTE)

    expect(late).toEqual({ next: 'failed' })
    expect(await base.state(id)).toBe('TIMED_OUT')
    expect(await base.store.runs.get(base.job.id, id)).toMatchObject({ status: 'failed', reason: 'timeout' })
    expect(base.store.memory.heads.size).toBe(0)
  })

  describe('that ends before its work is done records what was done', () => {
    /** A task whose first worker is killed after it has published some keys of its chunk. */
    async function killedInMidChunk(stored: 'items' | 'snapshot') {
      const base = taskWorld({ stored })
      const id = created(await submit(base.asking(), base.ports))
      const stopBy = START + MINUTE
      await runTaskStep({ step: 'begin', run: id }, base.work, stopBy)
      const killed = Promise.withResolvers<void>()
      base.script(({ url }) => {
        if (url.searchParams.get('symbol') === 'S002') {
          killed.resolve()
          return new Promise<Reply>(() => {})
        }
        return { status: 200, body: priceBody(url, 5, base.clock.now()) }
      })
      void runTaskStep({ step: 'chunk', run: id, chunk: 0 }, base.work, stopBy)
      await killed.promise
      await new Promise((resolve) => setImmediate(resolve))
      base.script(({ url }) => ({ status: 200, body: priceBody(url, 5, base.clock.now()) }))
      await runTaskStep({ step: 'chunk', run: id, chunk: 1 }, base.work, stopBy)
      return { base, id, stopBy }
    }

    test('when a worker was killed: its published keys and its attempts count (F64)', async () => {
      const { base, id, stopBy } = await killedInMidChunk('items')

      await runTaskStep({ step: 'finish', run: id }, base.work, stopBy)

      const run = await base.store.runs.get(base.job.id, id)
      expect(run).toMatchObject({ status: 'partial', reason: 'timeout' })
      // S002 was in flight, chunk 2 never ran
      expect(run?.counts).toEqual({ planned: 7, published: 5, unchanged: 0, superseded: 0, failed: 2 })
      expect(run?.attempts).toBeGreaterThanOrEqual(4)
      expect(run?.attempts).toBeLessThanOrEqual(6)
    })

    test('and fetches no published key again when the chunk is repeated', async () => {
      const { base, id, stopBy } = await killedInMidChunk('items')
      const symbols = () => base.calls.map(({ url }) => url.searchParams.get('symbol'))
      const before = symbols()

      // the connections of the killed worker are free again
      base.clock.advance(40_000)
      await runTaskStep({ step: 'chunk', run: id, chunk: 0 }, base.work, stopBy + MINUTE)

      expect(before).toContain('S001')
      expect(symbols().slice(before.length)).toEqual(['S002'])
    })

    test.each(['items', 'snapshot'] as const)(
      'when its last step comes too late, of %s (F64)',
      async (stored) => {
        const { base, id } = await killedInMidChunk(stored)
        base.clock.advance(MINUTE * 2 - 10_000)

        await runTaskStep({ step: 'finish', run: id }, base.work, START + 4 * MINUTE)

        const run = await base.store.runs.get(base.job.id, id)
        const published = stored === 'items' ? 5 : 0
        expect(run).toMatchObject({ status: 'failed', reason: 'timeout' })
        expect(run?.counts).toMatchObject({ planned: 7, published, failed: 7 - published })
        expect(run?.attempts).toBeGreaterThanOrEqual(4)
      },
    )

    test('when its machine fails (F64)', async () => {
      const { base, id } = await killedInMidChunk('items')

      const close = { step: 'close', run: id, error: 'States.TaskFailed' } as const
      await runTaskStep(close, base.work, START + 4 * MINUTE)

      const run = await base.store.runs.get(base.job.id, id)
      expect(run).toMatchObject({ status: 'failed', reason: 'defect' })
      expect(run?.counts).toMatchObject({ planned: 7, published: 5, failed: 2 })
      expect(run?.attempts).toBeGreaterThanOrEqual(4)
    })

    test('when its deadline is past (F64)', async () => {
      const { base, id } = await killedInMidChunk('items')
      base.clock.advance(2 * MINUTE)

      await runTaskStep({ step: 'finish', run: id }, base.work, START + 4 * MINUTE)

      const run = await base.store.runs.get(base.job.id, id)
      expect(run).toMatchObject({ status: 'failed', reason: 'timeout' })
      expect(run?.counts).toMatchObject({ planned: 7, published: 5, failed: 2 })
      expect(run?.attempts).toBeGreaterThanOrEqual(4)
    })
  })

  test('waits for the lease while another task runs, within its deadline', async () => {
    const base = taskWorld()
    const first = created(await submit(base.asking({ params: { of: 'one' } }), base.ports))
    await runTaskStep({ step: 'begin', run: first }, base.work, START + MINUTE)
    const second = created(await submit(base.asking({ params: { of: 'two' } }), base.ports))

    const waiting = await runTaskStep({ step: 'begin', run: second }, base.work, START + MINUTE)
    await base.machines.run(first)
    await base.machines.run(second)

    expect(waiting).toEqual({ next: 'wait', seconds: 2 })
    expect(await base.state(first)).toBe('SUCCEEDED')
    expect(await base.state(second)).toBe('SUCCEEDED')
  })

  test('is skipped like a plain run: a pause skips its tick', async () => {
    const base = taskWorld()
    await base.store.controls.replace(base.job.id, {
      revision: 1,
      pause: { until: START + MINUTE * 60, reason: 'a test', by: 'me' },
    })

    const id = created(await submit(base.asking({ cause: 'tick', tick: START - MINUTE }), base.ports))
    await base.machines.run(id)

    expect(await base.store.runs.get(base.job.id, id)).toMatchObject({ status: 'skipped', reason: 'paused' })
    expect(base.calls).toHaveLength(0)
  })

  test('fails with the reason of the block when the provider may not be called', async () => {
    const base = taskWorld()
    base.script(() => ({ status: 429, body: {}, headers: { 'retry-after': '3600' } }))
    await base.machines.run(created(await submit(base.asking(), base.ports)))
    const calls = base.calls.length

    const id = created(await submit(base.asking(), base.ports))
    await base.machines.run(id)

    expect(await base.state(id)).toBe('FAILED')
    expect(base.calls).toHaveLength(calls)
  })
})

describe('a submission', () => {
  test('of work that is under way joins that task: 200 at once get one (F60)', async () => {
    const base = taskWorld()

    const all = await Promise.all(Array.from({ length: 200 }, () => submit(base.asking(), base.ports)))

    expect(new Set(all.map(created)).size).toBe(1)
    expect(all.filter(({ status }) => status === 'created')).toHaveLength(1)
    expect(base.machines.started).toHaveLength(1)
  })

  test('with other parameters is another task', async () => {
    const base = taskWorld()

    const one = await submit(base.asking({ params: { fast: true } }), base.ports)
    const two = await submit(base.asking({ params: { fast: false } }), base.ports)

    expect(created(one)).not.toBe(created(two))
  })

  test('joins the last successful task for as long as the job declares, unless it requires a new run', async () => {
    const base = taskWorld({ coalesceFor: '60 seconds' })
    const id = created(await submit(base.asking(), base.ports))
    await base.machines.run(id)

    const soon = await submit(base.asking(), base.ports)
    const second = await submit(base.asking({ cause: 'operator', requiresNewRun: true }), base.ports)
    await base.machines.run(created(second))
    base.clock.advance(61_000)
    const later = await submit(base.asking(), base.ports)

    expect(soon).toMatchObject({ status: 'coalesced', run: { id } })
    expect(second.status).toBe('created')
    expect(later.status).toBe('created')
  })

  test('joins a failed task of the same work until the cool-downs of its upstreams end, unless an operator sends it', async () => {
    const base = taskWorld({ coalesceFor: '60 seconds' })
    base.script(() => ({ status: 429, body: 'no', headers: { 'retry-after': '600' } }))
    const id = created(await submit(base.asking(), base.ports))
    await base.machines.run(id)

    const crowd = await Promise.all(Array.from({ length: 20 }, () => submit(base.asking(), base.ports)))
    base.clock.advance(500_000)
    const late = await submit(base.asking(), base.ports)
    const operator = await submit(base.asking({ cause: 'operator', requiresNewRun: true }), base.ports)

    expect(await base.state(id)).toBe('FAILED')
    for (const one of [...crowd, late]) expect(one).toMatchObject({ status: 'coalesced', run: { id } })
    expect(operator.status).toBe('created')
    expect(base.machines.started).toHaveLength(2)
  })

  test('starts again once the cool-downs that failed the last task have ended', async () => {
    const base = taskWorld({ coalesceFor: '60 seconds' })
    base.script(() => ({ status: 429, body: 'no', headers: { 'retry-after': '600' } }))
    const id = created(await submit(base.asking(), base.ports))
    await base.machines.run(id)
    base.clock.advance(601_000)

    const after = await submit(base.asking(), base.ports)

    expect(after.status).toBe('created')
  })

  test('joins a task that failed without a cool-down for as long as a successful one', async () => {
    const base = taskWorld({ coalesceFor: '60 seconds' })
    base.script(() => ({ status: 200, body: '{}' }))
    const id = created(await submit(base.asking(), base.ports))
    await base.machines.run(id)

    const soon = await submit(base.asking(), base.ports)
    base.clock.advance(61_000)
    const later = await submit(base.asking(), base.ports)

    expect([soon.status, later.status]).toEqual(['coalesced', 'created'])
  })

  test('under one key is one task, with other parameters a conflict (F60, F61)', async () => {
    const base = taskWorld()
    const under = (params = {}) => submit(base.asking({ params, idempotencyKey: 'abc' }), base.ports)

    const first = await under()
    await base.machines.run(created(first))
    const again = await under()
    const other = await under({ fast: true })

    expect(again).toMatchObject({ status: 'repeated', run: { id: created(first) } })
    expect(other).toEqual({ status: 'conflict' })
    expect(base.machines.started).toHaveLength(1)
  })

  test('that comes twice at once under one key is one task, also when the same work ends meanwhile', async () => {
    const base = taskWorld()
    const tick = created(await submit(base.asking({ cause: 'tick', tick: START }), base.ports))
    const under = () => submit(base.asking({ idempotencyKey: 'abc' }), base.ports)

    const twice = Promise.all([under(), under()])
    await base.clock.sleep(100)
    await cancelTask(base.job.id, tick, 'operator-2', { ...base.ports, store: base.store })
    const all = [...(await twice), await under()]

    expect(all.map(created)).toEqual([tick, tick, tick])
    expect(base.machines.started).toEqual([tick])
  })

  test('under a key whose first submitter is late gets the task of the submitter that took over', async () => {
    const base = taskWorld()
    const { submissionClaims: submissions } = base.ports.store
    const keyStored = Promise.withResolvers<void>()
    const late = Promise.withResolvers<void>()
    const get: typeof submissions.get = async (job, hash, now) => {
      if (hash.startsWith('work-')) {
        keyStored.resolve()
        await late.promise
      }
      return submissions.get(job, hash, now)
    }
    const slow = { ...base.ports, store: { ...base.ports.store, submissionClaims: { ...submissions, get } } }
    const request = base.asking({ idempotencyKey: 'abc' })

    const first = submit(request, slow)
    await keyStored.promise
    const second = await submit(request, base.ports)
    const other = { job: base.job.id, run: created(second), by: 'operator-2' }
    await cancelTask(other.job, other.run, other.by, { ...base.ports, store: base.store })
    const same = await submit(base.asking(), base.ports)
    late.resolve()

    expect(created(same)).not.toBe(created(second))
    expect(created(await first)).toBe(created(second))
    expect(created(await submit(request, base.ports))).toBe(created(second))
  })

  test('whose machine cannot be started has failed at once (F63)', async () => {
    const base = taskWorld()
    const broken: StateMachines = { start: () => Promise.reject(new Error('no machine')) }

    const submitted = await submit(base.asking(), { ...base.ports, stateMachines: broken })

    expect(submitted.status).toBe('unstarted')
    expect(await base.state(created(submitted))).toBe('FAILED')
    expect(await base.store.runs.get(base.job.id, created(submitted))).toMatchObject({ reason: 'start' })
    expect((await submit(base.asking(), base.ports)).status).toBe('created')
  })

  test('of a repeated tick is one task; of a tick that joins the same work a recorded skip', async () => {
    const base = taskWorld()
    const tick = START - MINUTE

    const first = await submit(base.asking({ cause: 'tick', tick }), base.ports)
    const twice = await submit(base.asking({ cause: 'tick', tick }), base.ports)
    const next = await submit(base.asking({ cause: 'tick', tick: START }), base.ports)

    expect(created(first)).toBe(`${base.job.id}-20261120T145900Z`)
    expect(twice.status).toBe('repeated')
    expect(next).toMatchObject({ status: 'coalesced', run: { id: created(first) } })
    expect(await base.store.runs.get(base.job.id, `${base.job.id}-20261120T150000Z`)).toMatchObject({
      status: 'skipped',
      reason: 'coalesced',
    })
    const joined = await base.store.runs.get(base.job.id, `${base.job.id}-20261120T150000Z`)
    expect(joined?.task, 'it is not the record of a task, so it has not failed').toBeUndefined()
    expect(base.machines.started).toHaveLength(1)
  })

  test('of work that waits for the lease does not start its state machine again', async () => {
    const base = taskWorld()
    const id = created(await submit(base.asking(), base.ports))
    await base.store.states.acquire(
      base.job.id,
      { kind: 'job' },
      { owner: 'another', until: START + MINUTE },
      START,
    )
    await runTaskStep({ step: 'begin', run: id }, base.work, START + MINUTE)
    base.clock.advance(6_000)

    const started: string[] = []
    const stateMachines: StateMachines = { start: async (_job, run) => void started.push(run) }
    const again = await submit(base.asking(), { ...base.ports, stateMachines })

    expect(again).toMatchObject({ status: 'coalesced', run: { id } })
    expect(started).toEqual([])
  })

  test('starts a pending task again when its first submitter was killed', async () => {
    const base = taskWorld()
    const dying: StateMachines = { start: () => new Promise(() => {}) }
    void submit(base.asking(), { ...base.ports, stateMachines: dying })
    await new Promise((resolve) => setImmediate(resolve))
    base.clock.advance(6_000)

    const next = await submit(base.asking(), base.ports)

    expect(next.status).toBe('coalesced')
    expect(base.machines.started).toEqual([created(next)])
  })
})

describe('cancelling', () => {
  test('ends a task, and its later writes are refused (F67)', async () => {
    const base = taskWorld()
    const id = created(await submit(base.asking(), base.ports))
    await runTaskStep({ step: 'begin', run: id }, base.work, START + MINUTE)
    const late = runTaskStep({ step: 'chunk', run: id, chunk: 0 }, base.work, START + MINUTE)

    const cancelled = await cancelTask(base.job.id, id, 'operator-2', { ...base.ports, store: base.store })
    await late
    const end = await base.machines.run(id)

    expect(cancelled).toBe('cancelled')
    expect(end).toBe('end')
    expect(await base.state(id)).toBe('CANCELLED')
    expect((await base.store.states.get(base.job.id)).lease).toBeUndefined()
  })

  test('is too late for a task that has ended, and unknown for one that never existed', async () => {
    const base = taskWorld()
    const id = created(await submit(base.asking(), base.ports))
    await base.machines.run(id)

    const late = await cancelTask(base.job.id, id, 'operator-2', { ...base.ports, store: base.store })
    const none = await cancelTask(base.job.id, `${base.job.id}-nothing`, 'operator-2', {
      ...base.ports,
      store: base.store,
    })

    expect(late).toBe('ended')
    expect(none).toBe('unknown')
  })
})
