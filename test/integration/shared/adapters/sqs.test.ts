import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { accessKeyOf } from '#infra/local/aws/access-keys.ts'
import { openAwsEndpoint } from '#infra/local/aws/endpoint.ts'
import { LocalFailureQueues, queueUrl } from '#infra/local/aws/failure-queues.ts'
import { LocalRoles } from '#infra/local/aws/roles.ts'
import { sqsFailureQueues } from '#shared/adapters/sqs.ts'

const NOW = Date.UTC(2026, 10, 20, 15)
const ALL = ['sqs:GetQueueAttributes', 'sqs:ReceiveMessage', 'sqs:DeleteMessage']

beforeEach(() => {
  vi.stubEnv('AWS_REGION', 'eu-central-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyOf('operations'))
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local')
})

/** The local queues over their endpoint, as the role of the operators' function reaches them. */
async function open(actions: readonly string[] = ALL) {
  const clock = { at: NOW }
  const local = new LocalFailureQueues(() => clock.at)
  const roles = new LocalRoles(
    new Map([['operations', [{ actions, target: { kind: 'queues' } as const }]]]),
    {
      onDenied: () => {},
    },
  )
  const { url, close } = await openAwsEndpoint({
    onEvent: () => {},
    secrets: new Map(),
    queues: local,
    roles,
  })
  onTestFinished(close)
  const urls = { undelivered: queueUrl(url, 'undelivered'), 'failed-runs': queueUrl(url, 'failed-runs') }
  const queues = sqsFailureQueues(new DynamoDBClient({}), { urls, timeoutMs: 5_000 })
  return { clock, local, queues, urls }
}

test('a failed invocation is one message with its event and its error, until it is deleted', async () => {
  const { clock, local, queues } = await open()
  local.addFailedRun(
    'job-hama',
    { job: 'hama', tick: '2026-11-20T15:00:00Z' },
    new Error('the table is down'),
  )

  const [message] = await queues.receive('failed-runs', 2_000)
  const hidden = await queues.receive('failed-runs', 2_000)
  const depth = await queues.depth('failed-runs')
  clock.at += 2_000
  const again = await queues.receive('failed-runs', 2_000)
  await queues.delete('failed-runs', message?.receipt ?? '')

  expect(message).toMatchObject({ at: NOW, attributes: {} })
  expect(JSON.parse(message?.body ?? '')).toMatchObject({
    requestPayload: { job: 'hama', tick: '2026-11-20T15:00:00Z' },
    responsePayload: { errorMessage: 'the table is down' },
  })
  expect([hidden, depth]).toEqual([[], 1])
  expect(again).toEqual([message])
  expect(await queues.depth('failed-runs')).toBe(0)
})

test('a queue is received from in batches of ten, and the other queue is another one', async () => {
  const { local, queues } = await open()
  for (let index = 0; index < 12; index += 1) local.addFailedRun('job-hama', { index }, new Error('x'))

  const first = await queues.receive('failed-runs', 20_000)
  const second = await queues.receive('failed-runs', 20_000)

  expect([first.length, second.length]).toEqual([10, 2])
  expect(await queues.receive('undelivered', 20_000)).toEqual([])
})

test('a call that the role does not allow, or of an unknown queue, is an error with the message of the service', async () => {
  const { queues } = await open(['sqs:ReceiveMessage'])
  const { urls } = await open()
  const unknown = sqsFailureQueues(new DynamoDBClient({}), {
    urls: { ...urls, undelivered: new URL('/000000000000/other', urls.undelivered).href },
    timeoutMs: 5_000,
  })

  await expect(queues.depth('undelivered')).rejects.toThrow(
    /^SQS: expected status 200, got 400: .*AccessDenied/,
  )
  await expect(unknown.depth('undelivered')).rejects.toThrow(/AccessDenied|QueueDoesNotExist/)
})
