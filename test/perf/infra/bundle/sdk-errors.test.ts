import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { bundleFunctions } from '#infra/bundle/bundle.ts'

type Handler = typeof import('./failing-write.ts').handler

let handler: Handler
let server: Server | undefined
let calls = 0

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'freshet-sdk-errors-'))
  const { functions } = await bundleFunctions({
    outDir: join(directory, 'functions'),
    entries: { one: 'test/perf/infra/bundle/failing-write.ts' },
  })
  const loaded: { handler: Handler } = createRequire(import.meta.url)(functions['one']?.file ?? '')
  handler = loaded.handler
})

afterAll(() => rm(directory, { recursive: true }))

afterEach(() => server?.close())

async function failingTable(status: number, type: string, more: object = {}): Promise<string> {
  calls = 0
  server = createServer((request, response) => {
    calls += 1
    request.resume().on('end', () => {
      const body = { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'why', ...more }
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('a failed condition keeps its class and the stored item', async () => {
  const endpoint = await failingTable(400, 'ConditionalCheckFailedException', { Item: { fence: { N: '7' } } })

  const failure = await handler(endpoint)

  expect(failure).toEqual({
    name: 'ConditionalCheckFailedException',
    message: 'why',
    status: 400,
    isConditional: true,
    item: { fence: { N: '7' } },
  })
  expect(calls).toBe(1)
})

test.for([
  ['ResourceNotFoundException', 400, 1],
  ['AccessDeniedException', 400, 1],
  ['ThrottlingException', 400, 2],
  ['ProvisionedThroughputExceededException', 400, 2],
  ['ReplicatedWriteConflictException', 400, 2],
  ['InternalServerError', 500, 2],
] as const)(
  '%s keeps its name, message and status %i, and takes %i attempts',
  async ([type, status, attempts]) => {
    const endpoint = await failingTable(status, type)

    const failure = await handler(endpoint)

    expect(failure).toMatchObject({ name: type, message: 'why', status, isConditional: false })
    expect(calls).toBe(attempts)
  },
)
