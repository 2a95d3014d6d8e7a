import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { parseTaskStep } from '#functions/runtime/events.ts'
import { openAwsEndpoint } from '#infra/local/aws/endpoint.ts'
import { LocalStateMachines } from '#infra/local/aws/state-machines.ts'
import { openExecutions } from '#infra/local/data/executions.ts'
import { stateMachineArn } from '#infra/local/functions/environment.ts'
import { InvocationError } from '#infra/local/functions/function-worker.ts'
import { stepFunctions } from '#shared/adapters/step-functions.ts'
import { systemClock } from '#shared/adapters/system-clock.ts'
import { taskState } from '#shared/domain/records/run-record.ts'
import { runTaskStep } from '#shared/engine/task/steps.ts'
import { submit } from '#shared/engine/task/submit.ts'
import { priceBody, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const RUN = { mode: 'task', deadline: '2 minutes', concurrency: 2, chunk: 3 } as const
const SYMBOLS = symbolNames(7)

type Event = Record<string, unknown>

/** Stands where the function of the job is invoked: takes part in a step, or is in its way. */
type Meddle = (event: Event, step: () => Promise<unknown>) => Promise<unknown>

/** A task job over its store and its provider, and the processes that run its machine one after the other. */
async function toy(stored: 'items' | 'snapshot', run: object = RUN) {
  const world = pricesWorld(stored, SYMBOLS, Date.now(), { change: { run: { ...RUN, ...run } } })
  world.script(({ url }) => ({ status: 200, body: priceBody(url, 1, Date.now()) }))
  const work = { ...world.work, ports: { ...world.work.ports, clock: systemClock } }
  const { job } = work
  const folder = join(await temporaryDirectory(), 'executions')
  const steps: Event[] = []
  let meddle: Meddle = (_, step) => step()

  /** One process: its machines, found by the SDK. */
  const start = async () => {
    const faults: unknown[] = []
    const ends: string[] = []
    const executions = await openExecutions(folder, (error) => faults.push(error))
    const machines = new LocalStateMachines({
      jobs: [job],
      executions,
      clock: systemClock,
      invoke: async (name, event) => {
        expect(name).toBe(`job-${job.id}`)
        const stepEvent = event as Event
        steps.push(stepEvent)
        return meddle(
          stepEvent,
          async () => (await runTaskStep(parseTaskStep(stepEvent, job.id), work, Date.now() + 60_000)) ?? {},
        )
      },
      onEnd: (_, how) => ends.push(how),
      onFault: (error) => faults.push(error),
    })
    const endpoint = await openAwsEndpoint({
      onEvent: () => {},
      onStart: ({ machineArn: arn, name, input }) => machines.start(arn, name, input),
      secrets: new Map(),
    })
    const client = new SFNClient({ endpoint: endpoint.url, maxAttempts: 1 })
    let isEnded = false
    const end = async () => {
      if (isEnded) return
      isEnded = true
      machines.close()
      client.destroy()
      await endpoint.close()
    }
    onTestFinished(end)
    machines.resume()
    const arns = new Map([[job.id, stateMachineArn(job.id)]])
    const ports = { ...work.ports, store: world.store, stateMachines: stepFunctions(client, arns) }
    return { ports, client, end, faults, ends }
  }
  const submitted = async ({ ports }: Awaited<ReturnType<typeof start>>) => {
    const submission = await submit({ job, cause: 'operator', params: {} }, ports)
    expect(submission).toMatchObject({ status: 'created' })
    return 'run' in submission ? submission.run.id : ''
  }
  const record = async (id: string) => {
    const stored = await world.store.runs.get(job.id, id)
    if (!stored) throw new Error(`expected the record of ${id}`)
    return stored
  }
  const ended = (id: string) =>
    vi.waitFor(
      async () => {
        const run = await record(id)
        expect(run.status).not.toBe('running')
        expect(await readdir(folder)).toEqual([])
        return run
      },
      { timeout: 20_000, interval: 20 },
    )
  return {
    world,
    job,
    folder,
    steps,
    start,
    submitted,
    record,
    ended,
    meddles: (next: Meddle) => {
      meddle = next
    },
  }
}

const shown = (steps: readonly Event[]) =>
  steps.map(({ step, chunk }) => (chunk === undefined ? step : `${step} ${chunk}`))

beforeEach(() => {
  vi.stubEnv('AWS_REGION', 'eu-central-1')
})

describe('a task on one machine', () => {
  test.each(['items', 'snapshot'] as const)(
    'of %s goes through its steps, publishes all keys and leaves nothing under way',
    async (stored) => {
      const { start, submitted, ended, steps, world, job } = await toy(stored)
      const process = await start()

      const record = await ended(await submitted(process))

      expect(record).toMatchObject({ status: 'succeeded', counts: { planned: 7, published: 7, failed: 0 } })
      expect(shown(steps).toSorted()).toEqual(['begin', 'chunk 0', 'chunk 1', 'chunk 2', 'finish'])
      expect(world.calls).toHaveLength(7)
      expect((await world.store.states.get(job.id)).lease).toBeUndefined()
      await vi.waitFor(() => expect(process.ends).toEqual(['succeeded']))
      expect(process.faults).toEqual([])
    },
  )

  test('runs as many chunks at once as it declares, and no more', async () => {
    const { start, submitted, ended, meddles } = await toy('items', { chunk: 1, concurrency: 3 })
    let atOnce = 0
    const counts: number[] = []
    meddles(async ({ step: name }, step) => {
      if (name !== 'chunk') return step()
      atOnce += 1
      counts.push(atOnce)
      const answer = await step()
      await new Promise((resolve) => setTimeout(resolve, 20))
      atOnce -= 1
      return answer
    })

    await ended(await submitted(await start()))

    expect(counts).toHaveLength(7)
    expect(Math.max(...counts)).toBe(3)
  })

  test('rests in each lane between two chunks, where it declares a pace', async () => {
    const { start, submitted, ended, steps, meddles } = await toy('items', {
      chunk: 4,
      concurrency: 1,
      pace: '1 second',
    })
    const at: number[] = []
    meddles((_, step) => {
      at.push(Date.now())
      return step()
    })

    await ended(await submitted(await start()))

    const [, first = 0, second = 0, finish = 0] = at
    expect(shown(steps)).toEqual(['begin', 'chunk 0', 'chunk 1', 'finish'])
    expect(second - first).toBeGreaterThanOrEqual(990)
    expect(finish - second).toBeGreaterThanOrEqual(990)
  })

  test('whose worker dies in one chunk loses what was in it, and keeps the rest (F64)', async () => {
    const { start, submitted, ended, meddles, world, job } = await toy('items')
    meddles((event, step) => {
      if (event['chunk'] === 1) throw new InvocationError('job-prices-items: its worker died')
      return step()
    })
    const process = await start()

    const record = await ended(await submitted(process))

    expect(record).toMatchObject({ status: 'partial', counts: { published: 4 } })
    expect(await world.store.items.get(job.id, 'S002')).toBeDefined()
    expect(await world.store.items.get(job.id, 'S003')).toBeUndefined()
    expect(await world.store.items.get(job.id, 'S006')).toBeDefined()
    expect(process.faults).toEqual([])
  })

  test.each(['begin', 'finish'])('whose %s is lost is closed as failed, by its machine', async (lost) => {
    const { start, submitted, ended, meddles, steps } = await toy('items')
    meddles((event, step) => {
      if (event['step'] === lost) throw new InvocationError('job-prices-items: its worker died')
      return step()
    })
    const process = await start()

    const record = await ended(await submitted(process))

    expect(record).toMatchObject({ status: 'failed', reason: 'defect' })
    expect(record.message).toContain('InvocationError')
    expect(steps.at(-1)).toMatchObject({ step: 'close' })
    await vi.waitFor(() => expect(process.ends).toEqual([expect.stringContaining('failed')]))
  })

  test('is invoked again when Lambda itself failed, and only then', async () => {
    const { start, submitted, ended, meddles, steps } = await toy('items')
    let failuresLeft = 2
    meddles((event, step) => {
      if (event['step'] !== 'begin' || failuresLeft === 0) return step()
      failuresLeft -= 1
      throw Object.assign(new Error('too many'), { name: 'Lambda.TooManyRequestsException' })
    })

    const record = await ended(await submitted(await start()))

    expect(record.status).toBe('succeeded')
    expect(shown(steps).filter((step) => step === 'begin')).toHaveLength(3)
  })

  test('waits while another run has the lease, and begins when it is released', async () => {
    const { start, submitted, ended, record, steps, world, job } = await toy('items')
    const { states } = world.store
    const other = { owner: 'another', until: Date.now() + 60_000 }
    await states.acquire(job.id, { kind: 'job' }, other, Date.now())

    const id = await submitted(await start())
    await vi.waitFor(() => expect(shown(steps)).toEqual(['begin', 'begin']), { timeout: 5_000 })
    const waiting = taskState(await record(id), Date.now())
    await states.release(job.id, { kind: 'job' }, 'another', undefined)
    const done = await ended(id)

    expect(waiting).toBe('PENDING')
    expect(done.status).toBe('succeeded')
  })
})

describe('a process that ends in the middle of a task', () => {
  test('leaves it to the next process, which continues and requests nothing twice', async () => {
    const { start, submitted, ended, meddles, steps, folder, world, job, record } = await toy('items')
    const { promise: hung, resolve: hang } = Promise.withResolvers<void>()
    const { promise: late, resolve: answerLate } = Promise.withResolvers<void>()
    meddles(async (event, step) => {
      if (event['chunk'] !== 1) return step()
      hang()
      return late
    })
    const first = await start()
    const id = await submitted(first)
    await hung
    await vi.waitFor(() => expect(world.calls).toHaveLength(4))

    await first.end()
    answerLate()
    await new Promise((resolve) => setTimeout(resolve, 50))
    const left = await readdir(folder)
    const between = await record(id)
    meddles((_, step) => step())
    const second = await start()
    const done = await ended(id)

    expect(left).toEqual([`${id}.json`])
    expect(between.status).toBe('running')
    expect(shown(steps.slice(0, 4)).toSorted()).toEqual(['begin', 'chunk 0', 'chunk 1', 'chunk 2'])
    expect(shown(steps.slice(4)).toSorted()).toEqual(['begin', 'chunk 0', 'chunk 1', 'chunk 2', 'finish'])
    expect(done).toMatchObject({ status: 'succeeded', counts: { published: 7 } })
    expect(world.calls).toHaveLength(7)
    expect((await world.store.states.get(job.id)).consecutiveFailures).toBe(0)
    await vi.waitFor(() => expect(second.ends).toEqual(['succeeded']))
    expect(first.ends).toEqual([])
  })

  test('for longer than the task may take leaves a task that has timed out, and that is written down', async () => {
    const { start, submitted, ended, meddles, folder, record } = await toy('items', {
      deadline: '30 seconds',
    })
    meddles(() => new Promise(() => {}))
    const first = await start()
    const id = await submitted(first)
    await first.end()

    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 100_000 })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    meddles((_, step) => step())
    await start()
    const done = await ended(id)

    expect(done).toMatchObject({ status: 'failed', reason: 'timeout' })
    expect(taskState(await record(id), Date.now())).toBe('TIMED_OUT')
    expect(await readdir(folder)).toEqual([])
  })

  test('leaves other files where they are and reports them', async () => {
    const { start, folder } = await toy('items')
    await (await start()).end()
    await writeFile(join(folder, 'half.json'), '{"name":"half')
    await writeFile(join(folder, 'whole.json'), '{"name":"whole"}')

    const { faults } = await start()

    // files are read at once
    const messages = faults.map((fault) => (fault as Error).message).sort()
    expect(messages).toEqual([
      expect.stringContaining('half.json cannot be read'),
      expect.stringContaining('whole.json cannot be read'),
    ])
    expect(await readdir(folder)).toHaveLength(2)
  })
})

describe('StartExecution', () => {
  test('of the same name and input is the same execution while it is under way, and refused after', async () => {
    const { start, submitted, ended, meddles, steps, job } = await toy('items')
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    meddles(async (_, step) => {
      await gate
      return step()
    })
    const { client, ...process } = await start()
    const run = await submitted({ client, ...process })
    const ask = (input: object) =>
      client.send(
        new StartExecutionCommand({
          stateMachineArn: stateMachineArn(job.id),
          name: run,
          input: JSON.stringify(input),
        }),
      )

    const again = await ask({ run })
    const other = ask({ run: 'other' })
    await expect(other).rejects.toBeInstanceOf(ExecutionAlreadyExists)
    open()
    await ended(run)
    await expect(ask({ run })).rejects.toBeInstanceOf(ExecutionAlreadyExists)

    expect(again.executionArn).toBe(
      `arn:aws:states:eu-central-1:000000000000:execution:Freshet-local-${job.id}:${run}`,
    )
    expect(shown(steps).filter((step) => step === 'begin')).toHaveLength(1)
  })

  test.each([
    [
      'an unknown machine',
      { stateMachineArn: stateMachineArn('unknown'), name: 'a' },
      'StateMachineDoesNotExist',
    ],
    ['a name with a slash', { name: '../a' }, 'InvalidName'],
    ['an input that is no object', { name: 'a', input: '1' }, 'InvalidExecutionInput'],
  ])('of %s is refused by its name', async (_, input, name) => {
    const { start, job, folder } = await toy('items')
    const { client } = await start()

    const answer = client.send(
      new StartExecutionCommand({ stateMachineArn: stateMachineArn(job.id), ...input }),
    )

    await expect(answer).rejects.toMatchObject({ name })
    expect(await readdir(folder)).toEqual([])
  })

  test('whose file cannot be written starts nothing, and the task has failed at once (F63)', async () => {
    const { start, job, folder, steps, world } = await toy('items')
    const { ports } = await start()
    await rm(folder, { recursive: true })

    const submission = await submit({ job, cause: 'operator', params: {} }, ports)

    expect(submission).toMatchObject({ status: 'unstarted', run: { status: 'failed', reason: 'start' } })
    expect(steps).toEqual([])
    expect(world.lines).toContainEqual(
      expect.objectContaining({ message: 'The state machine of a task could not be started' }),
    )
  })
})
