import { expect, test, vi } from 'vitest'
import { bundledFunction } from '#test/support/process/bundled-function.ts'

test('a handler gets the event and a context and its result comes back as JSON would carry it', async () => {
  const { invoke } = await bundledFunction(`
    exports.handler = async (event, context) => ({
      got: event, name: context.functionName, arn: context.invokedFunctionArn, id: context.awsRequestId,
      remaining: context.getRemainingTimeInMillis(), when: new Date(0), nothing: undefined,
    })`)

  const result = await invoke({ job: 'global-market', list: [1, null] })

  expect(result).toEqual({
    got: { job: 'global-market', list: [1, null] },
    name: 'subject',
    arn: 'arn:aws:lambda:eu-central-1:000000000000:function:subject',
    id: expect.stringMatching(/^[\da-f-]{36}$/),
    remaining: expect.any(Number),
    when: '1970-01-01T00:00:00.000Z',
  })
  expect((result as { remaining: number }).remaining).toBeGreaterThan(5_000)
  expect((result as { remaining: number }).remaining).toBeLessThanOrEqual(10_000)
})

test('a handler that returns nothing answers null', async () => {
  const { invoke } = await bundledFunction('exports.handler = async () => {}')

  const result = await invoke({})

  expect(result).toBeNull()
})

test('a function sees its own environment and nothing of the process', async () => {
  vi.stubEnv('SECRET_OF_THE_HOST', 'leaked')
  const { invoke } = await bundledFunction('exports.handler = async () => ({ ...process.env })', {
    environment: { FRESHET_TABLE: 'freshet' },
  })

  const environment = await invoke({})

  expect(environment).toEqual({
    AWS_REGION: 'eu-central-1',
    AWS_LAMBDA_FUNCTION_NAME: 'subject',
    FRESHET_TABLE: 'freshet',
  })
})

test('one worker serves concurrent invocations, each with its own request id', async () => {
  const { invoke } = await bundledFunction(`
    const waiting = []
    exports.handler = async (event, { awsRequestId }) => {
      if (event.last) for (const go of waiting) go()
      else await new Promise((resolve) => waiting.push(resolve))
      return awsRequestId
    }`)

  const ids = await Promise.all([invoke({}), invoke({}), invoke({ last: true })])

  expect(new Set(ids).size).toBe(3)
})

test('what a handler throws fails the invocation with its name, message and stack, and the worker goes on', async () => {
  const { invoke } = await bundledFunction(`
    let calls = 0
    exports.handler = async ({ fail }) => {
      calls += 1
      if (fail) throw new RangeError('too far')
      return calls
    }`)

  const failed = invoke({ fail: true })

  await expect(failed).rejects.toMatchObject({
    name: 'InvocationError',
    message: 'subject: RangeError: too far',
    trace: expect.stringContaining('index.cjs'),
  })
  expect(await invoke({})).toBe(2)
})

test.each([
  ['waits for ever', 'await new Promise(() => setInterval(() => {}, 1_000))'],
  ['blocks its thread', 'for (;;) {}'],
])(
  'a handler that %s is ended at its timeout, and the next invocation starts a new worker',
  async (_title, hang) => {
    const { invoke } = await bundledFunction(
      `let calls = 0
     exports.handler = async ({ hang }) => { calls += 1; if (hang) { ${hang} } return calls }`,
      { timeoutMs: 1_500 },
    )
    await invoke({})

    const late = invoke({ hang: true })

    await expect(late).rejects.toThrow('subject: timed out after 1.5 s')
    expect(await invoke({})).toBe(1)
  },
)

test('an invocation that times out does not fail the others of its worker, and later ones get a new worker', async () => {
  const { invoke } = await bundledFunction(
    `let calls = 0
     const waiting = []
     exports.handler = async ({ hang, last }) => {
       calls += 1
       if (hang) await new Promise(() => setInterval(() => {}, 1_000))
       if (last) for (const go of waiting) go()
       else await new Promise((resolve) => waiting.push(resolve))
       return calls
     }`,
    { timeoutMs: 1_200 },
  )

  const late = invoke({ hang: true })
  late.catch(() => {})
  await new Promise((resolve) => setTimeout(resolve, 600))
  const neighbour = invoke({})
  await expect(late).rejects.toThrow('subject: timed out after 1.2 s')
  const later = invoke({ last: true })

  expect(await later).toBe(1)
  await expect(neighbour).rejects.toThrow('subject: timed out after 1.2 s')
})

test('an invocation goes on to its own result after another one of its worker timed out', async () => {
  const { invoke } = await bundledFunction(
    `exports.handler = async ({ ms }) => { await new Promise((resolve) => setTimeout(resolve, ms)); return ms }`,
    { timeoutMs: 1_000 },
  )

  const late = invoke({ ms: 5_000 })
  late.catch(() => {})
  await new Promise((resolve) => setTimeout(resolve, 500))
  const neighbour = invoke({ ms: 700 })

  await expect(late).rejects.toThrow('subject: timed out after 1 s')
  expect(await neighbour).toBe(700)
})

test.each([
  ['exits', 'process.exit(3)', 'subject: its worker ended with exit code 3'],
  [
    'throws outside its handler',
    "setImmediate(() => { throw new Error('stray') })",
    'subject: its worker died: Error: stray',
  ],
])(
  'a worker that %s fails what is under way, and the next invocation starts a new worker',
  async (_title, die, message) => {
    const { invoke } = await bundledFunction(`
    let calls = 0
    exports.handler = async ({ die }) => {
      calls += 1
      if (die) { ${die}; await new Promise(() => setInterval(() => {}, 1_000)) }
      return calls
    }`)
    await invoke({})

    const died = invoke({ die: true })

    await expect(died).rejects.toThrow(message)
    expect(await invoke({})).toBe(1)
  },
)

test.each([
  ['throws while it is loaded (F31)', "throw new Error('no configuration')", 'Error: no configuration'],
  ['exports no handler', 'exports.other = 1', 'to export a function named handler, got undefined'],
])('a bundle that %s fails readiness and invocations', async (_title, source, message) => {
  const { ready, invoke } = await bundledFunction(source)

  await expect(ready()).rejects.toThrow(message)
  await expect(invoke({})).rejects.toThrow(message)
})

test('lines on standard output and error are reported one by one', async () => {
  const { invoke, lines } = await bundledFunction(`
    exports.handler = async () => {
      process.stdout.write('{"level":"INFO"}\\nhalf ')
      process.stdout.write('and half\\n')
      console.error('to the other stream')
    }`)

  await invoke({})

  await vi.waitFor(() => expect(lines).toHaveLength(3))
  expect(lines.toSorted()).toEqual(['half and half', 'to the other stream', '{"level":"INFO"}'])
})

test('a closed function fails what is under way and takes nothing more', async () => {
  const { invoke, close } = await bundledFunction(`
    exports.handler = async () => { await new Promise(() => setInterval(() => {}, 1_000)) }`)
  const underWay = invoke({}).catch((error: Error) => error.message)

  await close()

  expect(await underWay).toBe('subject: the system is stopping')
  await expect(invoke({})).rejects.toThrow('subject: the system has stopped')
})

test('a worker without invocations for its time ends, and the next invocation starts another', async () => {
  const { invoke } = await bundledFunction(
    `
    let calls = 0
    exports.handler = async () => (calls += 1)`,
    { unusedLifeMs: 300 },
  )

  const first = await invoke({})
  const soon = await invoke({})
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  const later = await invoke({})

  expect([first, soon, later]).toEqual([1, 2, 1])
})
