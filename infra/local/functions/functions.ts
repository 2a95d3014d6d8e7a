import type { Bundles } from '#infra/bundle/bundle.ts'
import {
  jobTimeoutMs,
  OPERATIONS_TIMEOUT_MS,
  READS_TIMEOUT_MS,
  SUBMIT_TIMEOUT_MS,
  WATCHDOG_TIMEOUT_MS,
} from '#infra/definitions/timeouts.ts'
import type { System } from '#shared/declare/system.ts'
import { defined } from '#shared/domain/defined.ts'
import { SECOND_MS } from '#shared/domain/duration.ts'
import { type EnvironmentInput, functionEnvironment } from './environment.ts'
import { InvocationError, type LocalFunction, localFunction } from './function-worker.ts'

/** How long a worker stays without invocations: longer than the period of the watchdog. That of `reads` stays, with its memory. */
const UNUSED_LIFE_MS = 90 * SECOND_MS

/** All functions of the system, by name: `reads`, `operations`, `watchdog`, `job-<id>`, and `submit` for tasks. */
export interface LocalFunctions {
  /** @throws {InvocationError} as {@link LocalFunction.invoke}, and for an unknown name */
  invoke(name: string, event: unknown): Promise<unknown>
  /** Loads a function before its first invocation. @throws {InvocationError} when it cannot be loaded */
  ready(name: string): Promise<void>
  /** Ends all workers. */
  close(): Promise<void>
}

/**
 * The functions of the stack, from the same bundles. Each one starts with its first invocation.
 *
 * @param onLine - called for each line that a function writes
 * @throws {Error} when a function of the system has no bundle
 */
export function localFunctions(
  { functions: bundles }: Bundles,
  system: Pick<System, 'jobs' | 'changed'>,
  environmentInput: EnvironmentInput,
  onLine: (functionName: string, line: string) => void,
): LocalFunctions {
  const functions = new Map<string, LocalFunction>()
  for (const [name, timeoutMs] of functionTimeouts(system)) {
    const file = bundles[name]?.file
    if (file === undefined) {
      throw new Error(`expected a bundle for ${name}, got ${Object.keys(bundles).join(', ')}`)
    }
    const environment = functionEnvironment(name, system, environmentInput)
    const options = {
      name,
      file,
      environment,
      timeoutMs,
      ...defined({ unusedLifeMs: name === 'reads' ? undefined : UNUSED_LIFE_MS }),
      onLine: (line: string) => onLine(name, line),
    }
    functions.set(name, localFunction(options))
  }
  const functionOf = (name: string) => {
    const localFunction = functions.get(name)
    if (localFunction) return localFunction
    const names = [...functions.keys()].join(', ')
    throw new InvocationError(`expected one of ${names}; got ${JSON.stringify(name)}`)
  }
  return {
    invoke: async (name, event) => functionOf(name).invoke(event),
    ready: async (name) => functionOf(name).ready(),
    close: async () => {
      await Promise.all([...functions.values()].map((localFunction) => localFunction.close()))
    },
  }
}

function functionTimeouts({ jobs }: Pick<System, 'jobs'>): [name: string, timeoutMs: number][] {
  const hasTasks = jobs.some(({ run }) => run.mode === 'task')
  return [
    ['reads', READS_TIMEOUT_MS],
    ['operations', OPERATIONS_TIMEOUT_MS],
    ['watchdog', WATCHDOG_TIMEOUT_MS],
    ...(hasTasks ? [['submit', SUBMIT_TIMEOUT_MS] satisfies [string, number]] : []),
    ...jobs.map((job): [string, number] => [`job-${job.id}`, jobTimeoutMs(job)]),
  ]
}

/**
 * Invokes functions by name. It exists before the functions: the bus and the state machines invoke them, and their
 * environment holds the addresses of both.
 */
export class Invoker {
  readonly #onDeadLetter: (functionName: string, event: object, error: unknown) => void
  #functions: LocalFunctions | undefined
  #isClosed = false

  /** @param onDeadLetter - called when an asynchronous invocation fails */
  constructor(onDeadLetter: (functionName: string, event: object, error: unknown) => void) {
    this.#onDeadLetter = onDeadLetter
  }

  use(functions: LocalFunctions): void {
    this.#functions = functions
  }

  /** Waits for the result. @throws {InvocationError} as {@link LocalFunctions.invoke}, and before {@link use} */
  async invoke(name: string, event: unknown): Promise<unknown> {
    return this.#started(name).invoke(name, event)
  }

  /** Loads a function before its first invocation. @throws {InvocationError} when it cannot be loaded */
  async ready(name: string): Promise<void> {
    await this.#started(name).ready(name)
  }

  /** Invokes a function without waiting for it. */
  deliver(name: string, event: object): void {
    this.invoke(name, event).catch((error: unknown) => {
      if (!this.#isClosed) this.#onDeadLetter(name, event, error)
    })
  }

  /** Ends the functions; their open invocations fail silently. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#functions?.close()
  }

  #started(name: string): LocalFunctions {
    if (this.#functions) return this.#functions
    throw new InvocationError(`${name}: the functions have not started`)
  }
}
