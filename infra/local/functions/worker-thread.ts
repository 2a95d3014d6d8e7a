import { createRequire } from 'node:module'
import process from 'node:process'
import { parentPort, workerData } from 'node:worker_threads'
import { Outbox, parseMessages } from './outbox.ts'

/** An invocation. Times are milliseconds since the epoch. */
export interface InvokeMessage {
  readonly id: string
  readonly event: unknown
  readonly endsAt: number
}

/** The bundle is loaded, or an invocation ended. Without `result` and `error` the handler returned nothing. */
export type WorkerMessage =
  | { readonly loaded: true }
  | { readonly id: string; readonly result?: unknown }
  | { readonly id: string; readonly error: string; readonly trace: string | undefined }

type Handler = (event: unknown, context: object) => unknown

const port = parentPort
if (!port) throw new Error('expected to run as a worker thread')
process.setSourceMapsEnabled(true)
const { file } = workerData as { file: string }
const handler = load(file)
const replies = new Outbox<WorkerMessage>((messages) => port.postMessage(messages))
port.on('message', (messages: string) => {
  for (const message of parseMessages<InvokeMessage>(messages)) void run(message)
})
replies.add({ loaded: true })

function load(path: string): Handler {
  const { handler: exported } = createRequire(path)(path) as { handler?: unknown }
  if (typeof exported === 'function') return exported as Handler
  throw new TypeError(`expected ${path} to export a function named handler, got ${typeof exported}`)
}

async function run({ id, event, endsAt }: InvokeMessage): Promise<void> {
  try {
    const result = await handler(event, context(id, endsAt))
    replies.add({ id, result })
  } catch (error) {
    replies.add({ id, ...failure(error) })
  }
}

function failure(error: unknown): { readonly error: string; readonly trace: string | undefined } {
  if (!(error instanceof Error)) return { error: String(error), trace: undefined }
  return { error: `${error.name}: ${error.message}`, trace: error.stack }
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
function context(id: string, endsAt: number): object {
  const name = process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? ''
  return {
    functionName: name,
    functionVersion: process.env['AWS_LAMBDA_FUNCTION_VERSION'],
    invokedFunctionArn: `arn:aws:lambda:${process.env['AWS_REGION']}:000000000000:function:${name}`,
    memoryLimitInMB: process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    awsRequestId: id,
    logGroupName: `/aws/lambda/${name}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, endsAt - Date.now()),
  }
}
