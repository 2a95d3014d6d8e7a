import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { closeServer, listen, readBody } from '#infra/command/http-server.ts'
import { SECRETS_MANAGER } from '#infra/definitions/permissions.ts'
import { assertNever } from '#shared/domain/errors.ts'
import type { FailureQueue } from '#shared/domain/ports/failure-queues.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import { printable } from '../console/console.ts'
import { parseObject } from '../host/files.ts'
import { type LocalFailureQueues, queueOf } from './failure-queues.ts'
import { type LocalMetrics, seriesName } from './metrics.ts'
import { type AwsCall, busArn, type LocalRoles, parameterArn, queueArn, secretArn } from './roles.ts'
import type { StartResult } from './state-machines.ts'

/** An event of the bus. */
export interface PutEvent {
  readonly id: string
  readonly source: string
  readonly detailType: string
  readonly detail: unknown
  /** ISO 8601, whole seconds. */
  readonly time: string
}

/** A request to start an execution of a state machine. */
export interface ExecutionRequest {
  readonly machineArn: string
  readonly name: string
  /** JSON. */
  readonly input: string
}

interface EndpointOptions {
  readonly onEvent: (event: PutEvent) => void
  readonly onStart?: (request: ExecutionRequest) => Promise<StartResult>
  /** Parameter name to value. */
  readonly secrets: ReadonlyMap<string, string>
  /** The metrics that functions have written; none without it. */
  readonly metrics?: Pick<LocalMetrics, 'sums'> | undefined
  /** The failure queues; none without it. */
  readonly queues?: LocalFailureQueues | undefined
  /** What each function may call; without it every caller may do everything. */
  readonly roles?: LocalRoles | undefined
}

interface ServiceResponse {
  readonly status: number
  readonly body: object
}

type ServiceOperation = (
  input: Record<string, unknown>,
  options: EndpointOptions,
) => ServiceResponse | Promise<ServiceResponse>

interface Operation {
  readonly respond: ServiceOperation
  /** What IAM decides about. */
  readonly calls: (input: Record<string, unknown>) => readonly AwsCall[]
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  'AWSEvents.PutEvents': { respond: putEvents, calls: putEventsCalls },
  'AmazonSSM.GetParameter': { respond: getParameter, calls: getParameterCalls },
  'AWSStepFunctions.StartExecution': {
    respond: startExecution,
    calls: ({ stateMachineArn }) => [
      { action: 'states:StartExecution', resource: String(stateMachineArn ?? '') },
    ],
  },
  'GraniteServiceVersion20100801.GetMetricData': {
    respond: getMetricData,
    calls: () => [{ action: 'cloudwatch:GetMetricData', resource: '*' }],
  },
  'AmazonSQS.GetQueueAttributes': queueOperation('GetQueueAttributes', (queues, queue) =>
    queues.attributes(queue),
  ),
  'AmazonSQS.ReceiveMessage': queueOperation('ReceiveMessage', (queues, queue, input) =>
    queues.receive(
      queue,
      Number(input['MaxNumberOfMessages'] ?? 1),
      Number(input['VisibilityTimeout'] ?? 30),
    ),
  ),
  'AmazonSQS.DeleteMessage': queueOperation('DeleteMessage', (queues, queue, input) => {
    queues.delete(queue, String(input['ReceiptHandle']))
    return {}
  }),
}
const MAX_BYTES = 1024 * 1024
const MAX_ENTRIES = 10
const EXECUTION_NAME = /^[A-Za-z0-9_-]{1,80}$/

/** Changes with each start, because the secrets are read at each start. */
const SECRETS_VERSION = Math.floor(performance.timeOrigin / 1_000)

/**
 * One loopback endpoint for the AWS calls of functions beside those of the table: PutEvents, GetParameter, StartExecution,
 * GetMetricData, and three of queues. Callers find it through `AWS_ENDPOINT_URL_EVENTBRIDGE`, `…_SSM`, `…_SFN` and
 * `…_CLOUDWATCH`, and through the URLs of the queues. Any other call fails with `UnknownOperationException`.
 */
export async function openAwsEndpoint(options: EndpointOptions) {
  const server = createServer((request, response) => {
    handleRequest(request, options).then(
      (result) => send(response, result),
      (error) => send(response, { status: 500, body: { __type: 'InternalFailure', message: String(error) } }),
    )
  })
  const url = await listen(server)
  return { url, close: () => closeServer(server) }
}

async function handleRequest(request: IncomingMessage, options: EndpointOptions): Promise<ServiceResponse> {
  const target = String(request.headers['x-amz-target'] ?? `${request.method} ${request.url}`)
  const body = await readBody(request, MAX_BYTES)
  const operation = Object.hasOwn(OPERATIONS, target) ? OPERATIONS[target] : undefined
  if (!operation) {
    const got = printable(target.slice(0, 100))
    return errorResponse(
      'UnknownOperationException',
      `expected one of ${Object.keys(OPERATIONS).join(', ')}; got ${got}`,
    )
  }
  const input = body === undefined ? undefined : parseObject(body.toString('utf8'))
  if (!input)
    return errorResponse('SerializationException', `expected a JSON object of at most ${MAX_BYTES} bytes`)
  const denial = options.roles?.denialOf(request.headers.authorization, operation.calls(input))
  return denial ? errorResponse(denial.type, denial.message) : operation.respond(input, options)
}

/** One call for each bus that entries name. */
function putEventsCalls({ Entries: entries }: Record<string, unknown>): readonly AwsCall[] {
  const buses = Array.isArray(entries)
    ? entries.map((entry: { readonly EventBusName?: unknown } | null) =>
        String(entry?.EventBusName ?? 'default'),
      )
    : []
  return [...new Set(buses)].map((bus) => ({
    action: 'events:PutEvents',
    resource: bus.startsWith('arn:') ? bus : busArn(bus),
  }))
}

/** A parameter that refers to a secret is read with the permissions of its caller for both. */
function getParameterCalls({ Name }: Record<string, unknown>): readonly AwsCall[] {
  const name = String(Name ?? '')
  const parameter = { action: 'ssm:GetParameter', resource: parameterArn(name.replace(/^\//, '')) }
  if (!name.startsWith(SECRETS_MANAGER)) return [parameter]
  const secret = secretArn(`${name.slice(SECRETS_MANAGER.length)}-AbCdEf`)
  return [parameter, { action: 'secretsmanager:GetSecretValue', resource: secret }]
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
function putEvents(input: Record<string, unknown>, { onEvent }: EndpointOptions): ServiceResponse {
  const entries = input['Entries']
  if (!Array.isArray(entries) || entries.length < 1 || entries.length > MAX_ENTRIES) {
    return errorResponse('ValidationException', `expected 1 to ${MAX_ENTRIES} Entries`)
  }
  const results = entries.map((entry: unknown) => {
    const event = eventFrom(entry)
    if ('ErrorCode' in event) return event
    onEvent(event)
    return { EventId: event.id }
  })
  return {
    status: 200,
    body: { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results },
  }
}

function eventFrom(entry: unknown): PutEvent | { readonly ErrorCode: string; readonly ErrorMessage: string } {
  const {
    Source: source,
    DetailType: detailType,
    Detail: text,
    Time: at,
  } = (entry ?? {}) as Record<string, unknown>
  if (typeof source !== 'string' || typeof detailType !== 'string' || typeof text !== 'string') {
    return { ErrorCode: 'InvalidArgument', ErrorMessage: 'Source, DetailType and Detail are required' }
  }
  const detail = parseObject(text)
  if (!detail) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is not a JSON object' }
  const time = isoSeconds(typeof at === 'number' ? at * 1_000 : Date.now())
  return { id: randomUUID(), source, detailType, detail, time }
}

/** @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html */
function getParameter(input: Record<string, unknown>, { secrets }: EndpointOptions): ServiceResponse {
  const name = String(input['Name'])
  const value = secrets.get(name)
  if (value === undefined) return errorResponse('ParameterNotFound', `no local secret ${printable(name)}`)
  const parameter = {
    Name: name,
    Type: 'SecureString',
    Value: input['WithDecryption'] === true ? value : 'encrypted',
    Version: SECRETS_VERSION,
    DataType: 'text',
  }
  return { status: 200, body: { Parameter: parameter } }
}

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html */
async function startExecution(
  input: Record<string, unknown>,
  { onStart }: EndpointOptions,
): Promise<ServiceResponse> {
  const { stateMachineArn, name, input: text = '{}' } = input
  if (typeof stateMachineArn !== 'string') return errorResponse('InvalidArn', 'stateMachineArn is required')
  if (typeof name !== 'string' || !EXECUTION_NAME.test(name)) {
    return errorResponse(
      'InvalidName',
      `expected a name of 1 to 80 letters, digits, - and _; got ${printable(String(name))}`,
    )
  }
  if (typeof text !== 'string' || !parseObject(text)) {
    return errorResponse('InvalidExecutionInput', 'expected an input that is a JSON object')
  }
  const result = await onStart?.({ machineArn: stateMachineArn, name, input: text })
  switch (result?.status) {
    case undefined:
    case 'unknown-machine':
      return errorResponse('StateMachineDoesNotExist', `no state machine ${printable(stateMachineArn)}`)
    case 'name-in-use':
      return errorResponse('ExecutionAlreadyExists', `the name ${name} belongs to another execution`)
    case 'running': {
      const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`
      return { status: 200, body: { executionArn, startDate: result.startedAt / 1_000 } }
    }
    default:
      return assertNever(result)
  }
}

interface MetricQuery {
  readonly Id?: string
  readonly MetricStat?: {
    readonly Period?: number
    readonly Stat?: string
    readonly Metric?: {
      readonly Namespace?: string
      readonly MetricName?: string
      readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[]
    }
  }
}

/** Sums per minute only. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
function getMetricData(input: Record<string, unknown>, { metrics }: EndpointOptions): ServiceResponse {
  const { StartTime: from, EndTime: to, MetricDataQueries: queries } = input
  if (typeof from !== 'number' || typeof to !== 'number' || from >= to || !Array.isArray(queries))
    return errorResponse('ValidationError', 'expected StartTime before EndTime, and MetricDataQueries')
  const results = (queries as readonly MetricQuery[]).map(
    ({ Id, MetricStat: { Metric, Period, Stat } = {} }) => {
      if (Period !== 60 || Stat !== 'Sum') return undefined
      const { Namespace = '', MetricName = '', Dimensions = [] } = Metric ?? {}
      const series = seriesName(
        Namespace,
        MetricName,
        Dimensions.map(({ Name, Value }) => [Name, Value] as const),
      )
      const sums = metrics?.sums(series, from * 1_000, to * 1_000) ?? new Map<number, number>()
      const Timestamps = [...sums.keys()].map((ms) => ms / 1_000)
      return { Id, Label: MetricName, Timestamps, Values: [...sums.values()], StatusCode: 'Complete' }
    },
  )
  if (results.includes(undefined))
    return errorResponse('ValidationError', 'expected the statistic Sum of periods of 60 seconds')
  return { status: 200, body: { MetricDataResults: results, Messages: [] } }
}

/** An operation on the queue that `QueueUrl` names. */
function queueOperation(
  action: string,
  respond: (queues: LocalFailureQueues, queue: FailureQueue, input: Record<string, unknown>) => object,
): Operation {
  return {
    respond: (input, { queues }) => {
      const queue = queueOf(input['QueueUrl'])
      if (queues && queue) return { status: 200, body: respond(queues, queue, input) }
      return errorResponse('QueueDoesNotExist', `no queue ${printable(String(input['QueueUrl']))}`)
    },
    calls: ({ QueueUrl }) => [{ action: `sqs:${action}`, resource: queueArn(queueOf(QueueUrl) ?? '') }],
  }
}

function errorResponse(type: string, message: string): ServiceResponse {
  return { status: 400, body: { __type: type, message } }
}

function send(response: ServerResponse, { status, body }: ServiceResponse): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.1',
    'content-length': Buffer.byteLength(text),
    'x-amzn-requestid': randomUUID(),
  })
  response.end(text)
}
