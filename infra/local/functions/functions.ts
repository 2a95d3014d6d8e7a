import type { Bundles } from '#infra/bundle/bundle.ts'
import {
  jobTimeoutMs,
  OPERATIONS_TIMEOUT_MS,
  READS_TIMEOUT_MS,
  SUBMIT_TIMEOUT_MS,
  WATCHDOG_TIMEOUT_MS,
} from '#infra/definitions/timeouts.ts'
import type { System } from '#shared/declare/system.ts'
import { type EnvironmentInput, functionEnvironment } from './environment.ts'
import { InvocationError, type LocalFunction, localFunction } from './function-worker.ts'

/** All functions of the system, by name: `reads`, `operations`, `watchdog`, `job-<id>`, and `submit` for tasks. */
export interface LocalFunctions {
  /** @throws {InvocationError} as {@link LocalFunction.invoke}, and for a name that no function has */
  invoke(name: string, event: unknown): Promise<unknown>
  /** Loads one ahead of its first invocation. @throws {InvocationError} when it cannot be loaded */
  ready(name: string): Promise<void>
  /** Ends all workers. */
  close(): Promise<void>
}

/**
 * The functions that the stack would deploy, from the same bundles. Each starts with its first invocation.
 *
 * @param onLine - told each line that a function writes
 * @throws {Error} when a function of the system has no bundle
 */
export function localFunctions(
  { functions: bundles }: Bundles,
  system: Pick<System, 'jobs' | 'changed'>,
  surroundings: EnvironmentInput,
  onLine: (functionName: string, line: string) => void,
): LocalFunctions {
  const timeouts = new Map([
    ['reads', READS_TIMEOUT_MS],
    ['operations', OPERATIONS_TIMEOUT_MS],
    ['watchdog', WATCHDOG_TIMEOUT_MS],
    ...(system.jobs.some(({ run }) => run.mode === 'task') ? [['submit', SUBMIT_TIMEOUT_MS] as const] : []),
    ...system.jobs.map((job) => [`job-${job.id}`, jobTimeoutMs(job)] as const),
  ])
  const functions = new Map<string, LocalFunction>()
  for (const [name, timeoutMs] of timeouts) {
    const file = bundles[name]?.file
    if (file === undefined) {
      throw new Error(`expected a bundle for ${name}, got those of ${Object.keys(bundles).join(', ')}`)
    }
    const environment = functionEnvironment(name, system, surroundings)
    functions.set(
      name,
      localFunction({ name, file, environment, timeoutMs, onLine: (line) => onLine(name, line) }),
    )
  }
  const named = (name: string) => {
    const found = functions.get(name)
    if (found) return found
    throw new InvocationError(
      `expected one of ${[...functions.keys()].join(', ')}; got ${JSON.stringify(name)}`,
    )
  }
  return {
    invoke: async (name, event) => named(name).invoke(event),
    ready: async (name) => named(name).ready(),
    close: async () => {
      await Promise.all([...functions.values()].map((one) => one.close()))
    },
  }
}
