import { EventBridgeClient, ListRulesCommand, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openAwsEndpoint, type PutEvent } from '#infra/local/aws/endpoint.ts'
import { sendRequest } from '#test/support/http/exchange.ts'

/** The endpoint, found by the SDK through its own variables. */
async function open(secrets: Record<string, string> = {}) {
  const events: PutEvent[] = []
  const { url, close } = await openAwsEndpoint({
    onEvent: (event) => events.push(event),
    secrets: new Map(Object.entries(secrets)),
  })
  onTestFinished(close)
  vi.stubEnv('AWS_ENDPOINT_URL_EVENTBRIDGE', url)
  vi.stubEnv('AWS_ENDPOINT_URL_SSM', url)
  const bus = new EventBridgeClient({ maxAttempts: 1 })
  const parameters = new SSMClient({ maxAttempts: 1 })
  onTestFinished(() => {
    bus.destroy()
    parameters.destroy()
  })
  return { url, events, bus, parameters }
}

test('an event that the SDK puts on the bus arrives with its parts', async () => {
  const { bus, events } = await open()
  const detail = { job: 'global-market', cause: 'cold-read', key: 'gl\u00f6bal' }

  const answer = await bus.send(
    new PutEventsCommand({
      Entries: [
        {
          Source: 'freshet',
          DetailType: 'refresh.requested',
          Detail: JSON.stringify(detail),
          EventBusName: 'freshet',
          Time: new Date('2026-11-20T10:00:00Z'),
        },
        { Source: 'freshet', DetailType: 'dataset.refreshed', Detail: '{}' },
      ],
    }),
  )

  expect(answer).toMatchObject({
    FailedEntryCount: 0,
    Entries: [{ EventId: events[0]?.id }, { EventId: events[1]?.id }],
  })
  expect(events).toMatchObject([
    { source: 'freshet', detailType: 'refresh.requested', detail, time: '2026-11-20T10:00:00Z' },
    { source: 'freshet', detailType: 'dataset.refreshed', detail: {} },
  ])
  expect(events[0]?.id).not.toBe(events[1]?.id)
})

test('an entry without the required parts fails alone', async () => {
  const { bus, events } = await open()

  const answer = await bus.send(
    new PutEventsCommand({
      Entries: [
        { Source: 'freshet', DetailType: 'bad', Detail: 'not JSON' },
        { Source: 'freshet', DetailType: 'good', Detail: '{}' },
        { Source: 'freshet', Detail: '{}' },
      ],
    }),
  )

  expect(answer.FailedEntryCount).toBe(2)
  expect(answer.Entries).toMatchObject([
    { ErrorCode: 'MalformedDetail' },
    { EventId: events[0]?.id },
    { ErrorCode: 'InvalidArgument' },
  ])
  expect(events).toMatchObject([{ detailType: 'good' }])
})

test('a secret is returned by its name, decrypted only on request', async () => {
  const { parameters } = await open({ '/freshet/coingecko': 'k%y+\n1' })

  const decrypted = await parameters.send(
    new GetParameterCommand({ Name: '/freshet/coingecko', WithDecryption: true }),
  )
  const encrypted = await parameters.send(new GetParameterCommand({ Name: '/freshet/coingecko' }))

  expect(decrypted.Parameter).toMatchObject({
    Name: '/freshet/coingecko',
    Type: 'SecureString',
    Value: 'k%y+\n1',
  })
  expect(encrypted.Parameter?.Value).toBe('encrypted')
})

test.each(['/absent', '__proto__', 'toString'])(
  'an unknown secret is the error that AWS gives: %s',
  async (Name) => {
    const { parameters } = await open({ '/freshet/coingecko': 'secret' })

    const response = parameters.send(new GetParameterCommand({ Name, WithDecryption: true }))

    await expect(response).rejects.toBeInstanceOf(ParameterNotFound)
  },
)

test('any other call is refused, naming it', async () => {
  const { bus, url } = await open()

  const called = bus.send(new ListRulesCommand({}))
  const plain = await sendRequest(url, '/anything')

  await expect(called).rejects.toMatchObject({
    name: 'UnknownOperationException',
    message:
      'expected one of AWSEvents.PutEvents, AmazonSSM.GetParameter, AWSStepFunctions.StartExecution, GraniteServiceVersion20100801.GetMetricData, AmazonSQS.GetQueueAttributes, AmazonSQS.ReceiveMessage, AmazonSQS.DeleteMessage; got AWSEvents.ListRules',
    $metadata: { httpStatusCode: 400 },
  })
  expect(plain.status).toBe(400)
  expect(plain.body.toString()).toContain('got GET /anything')
})

test.each([
  ['no JSON', 'nonsense'],
  ['no object', '17'],
  ['too large', `{"Entries":"${'x'.repeat(1024 * 1024)}"}`],
])('a body that is %s is refused', async (_title, body) => {
  const { url, events } = await open()

  const answer = await sendRequest(url, '/', {
    method: 'POST',
    headers: { 'x-amz-target': 'AWSEvents.PutEvents' },
    body,
  })

  expect(answer.status).toBe(400)
  expect(JSON.parse(answer.body.toString())).toMatchObject({ __type: 'SerializationException' })
  expect(events).toEqual([])
})
