import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { Worker } from 'node:worker_threads'
import { Outbox, parseMessages } from './outbox.ts'
import type { InvokeMessage, WorkerMessage } from './worker-thread.ts'

/** Why an invocation failed: the handler threw or timed out, or its worker died. */
export class InvocationError extends Error {
  override readonly name = 'InvocationError'
  /** The stack inside the function, where there is one. */
  readonly trace: string | undefined

  constructor(message: string, trace?: string) {
    super(message)
    this.trace = trace
  }
}

/** A function of the local system. */
export interface LocalFunction {
  /**
   * Runs the handler once; invocations may overlap.
   *
   * @returns the result of the handler, as JSON would carry it
   * @throws {InvocationError} when the handler throws or times out, or its worker dies
   */
  invoke(event: unknown): Promise<unknown>
  /** Loads the bundle before the first invocation. @throws {InvocationError} when it cannot be loaded */
  ready(): Promise<void>
  /** Ends the worker for good; open invocations fail. */
  close(): Promise<void>
}

interface FunctionOptions {
  readonly name: string
  /** Absolute path of the bundle. */
  readonly file: string
  /** The complete environment of the function. */
  readonly environment: Readonly<Record<string, string>>
  readonly timeoutMs: number
  /** How long its worker stays without invocations; unlimited by default. The next invocation starts another one. */
  readonly unusedLifeMs?: number
  /** Called for each line of its standard output and error. */
  readonly onLine: (line: string) => void
}

interface PendingInvocation {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: InvocationError) => void
}

/** A worker and its open invocations. */
interface WorkerHost {
  readonly worker: Worker
  readonly outbox: Outbox<InvokeMessage>
  readonly loaded: Promise<void>
  readonly pending: Map<string, PendingInvocation>
  /** Why it accepts no more invocations. */
  failure?: InvocationError
  /** It accepts no more invocations and ends after its last open one, because one timed out or `unusedLifeMs` is over. */
  isRetired?: true
  /** Ends it when no invocation comes. */
  unusedTimer?: NodeJS.Timeout
}

/**
 * Limits of a worker's heap. With Node's default for the young generation, eleven workers together keep several hundred
 * megabytes after their first run.
 */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 8 }

const WORKER_FILE = new URL('./worker-thread.ts', import.meta.url)

/**
 * A bundle in a worker thread with its own environment, as Lambda runs it. After a timeout or the death of the worker
 * the next invocation starts a new worker. In Lambda an invocation has its environment for itself, so one that times out
 * does not end the others of its worker: the worker ends with the last of them.
 */
export function localFunction(options: FunctionOptions): LocalFunction {
  let current: WorkerHost | undefined
  const hosts = new Set<WorkerHost>()
  let isClosed = false
  const host = () => {
    if (isClosed) throw new InvocationError(`${options.name}: the system has stopped`)
    if (!current || current.failure || current.isRetired) {
      current = startWorker(options)
      const started = current
      hosts.add(started)
      started.worker.once('exit', () => hosts.delete(started))
    }
    return current
  }
  return {
    ready: async () => host().loaded,
    invoke: async (event) => invokeOn(host(), options, event),
    close: async () => {
      isClosed = true
      const reason = new InvocationError(`${options.name}: the system is stopping`)
      await Promise.all([...hosts].map((each) => stopWorker(each, reason)))
    },
  }
}

/** A message waits in the worker's port until the bundle is loaded, so the timeout includes loading. */
function invokeOn(host: WorkerHost, options: FunctionOptions, event: unknown): Promise<unknown> {
  const { name, timeoutMs } = options
  clearTimeout(host.unusedTimer)
  const id = randomUUID()
  const message: InvokeMessage = { id, event, endsAt: Date.now() + timeoutMs }
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const timer = setTimeout(() => {
    host.pending.delete(id)
    reject(new InvocationError(`${name}: timed out after ${timeoutMs / 1_000} s`))
    host.isRetired = true
    endRetired(host, name)
  }, timeoutMs)
  host.pending.set(id, { resolve, reject })
  host.outbox.add(message)
  return promise.finally(() => {
    clearTimeout(timer)
    if (host.pending.size === 0) endWhenUnused(host, options)
  })
}

function startWorker({ name, file, environment, onLine }: FunctionOptions): WorkerHost {
  const env = { ...environment }
  const worker = new Worker(WORKER_FILE, {
    workerData: { file },
    env,
    stdout: true,
    stderr: true,
    name,
    resourceLimits: RESOURCE_LIMITS,
  })
  for (const input of [worker.stdout, worker.stderr]) createInterface({ input }).on('line', onLine)
  const loading = Promise.withResolvers<void>()
  // callers of ready() see the failure; without one it must not be an unhandled rejection
  loading.promise.catch(() => {})
  const host: WorkerHost = {
    worker,
    outbox: new Outbox((messages) => worker.postMessage(messages)),
    pending: new Map(),
    loaded: loading.promise,
  }
  const fail = (error: InvocationError) => {
    host.failure ??= error
    loading.reject(host.failure)
    for (const { reject } of host.pending.values()) reject(host.failure)
    host.pending.clear()
  }
  const receive = (message: WorkerMessage) => {
    if ('loaded' in message) return loading.resolve()
    const invocation = host.pending.get(message.id)
    host.pending.delete(message.id)
    endRetired(host, name)
    if ('error' in message) {
      return invocation?.reject(new InvocationError(`${name}: ${message.error}`, message.trace))
    }
    invocation?.resolve(message.result ?? null)
  }
  worker.on('message', (messages: string) => {
    for (const message of parseMessages<WorkerMessage>(messages)) receive(message)
  })
  worker.on('error', (error: Error) => {
    fail(new InvocationError(`${name}: its worker died: ${error.name}: ${error.message}`, error.stack))
  })
  worker.on('exit', (code) => fail(new InvocationError(`${name}: its worker ended with exit code ${code}`)))
  return host
}

/** Ends a worker after a time without invocations, as Lambda ends environments. */
function endWhenUnused(host: WorkerHost, { name, unusedLifeMs }: FunctionOptions): void {
  if (unusedLifeMs === undefined) return
  clearTimeout(host.unusedTimer)
  host.unusedTimer = setTimeout(() => {
    host.isRetired = true
    endRetired(host, name)
  }, unusedLifeMs).unref()
}

/** Ends a retired worker once it has no open invocation. */
function endRetired(host: WorkerHost, name: string): void {
  if (host.isRetired && host.pending.size === 0)
    void stopWorker(host, new InvocationError(`${name}: its worker has ended`))
}

async function stopWorker(host: WorkerHost, reason: InvocationError): Promise<void> {
  host.failure ??= reason
  await host.worker.terminate()
}
