import { defined } from '#shared/domain/defined.ts'
import type { FailureQueue } from '#shared/domain/ports/failure-queues.ts'
import type { RetainedDataset } from '#shared/domain/records/retention.ts'

/** The environment of a function: names and changed settings, never a secret. */
export interface FunctionEnvironment {
  readonly table: string
  readonly bus: string
  readonly stage: string
  readonly version: string
  /** Contact for providers; part of the user agent. */
  readonly contact?: string
  /** Timeout of one attempt of an AWS call, in milliseconds; that of a deployment by default. */
  readonly awsTimeoutMs?: number
  /** Authorization of public reads; `public`: none. */
  readonly readsAuth: string
  /** Origins whose pages may read. */
  readonly corsOrigins: readonly string[]
  /** ARN of the state machine of each job whose runs are tasks, by job. */
  readonly machines: ReadonlyMap<string, string>
  /** What retention counts and clears; none for a job that does not declare it. */
  readonly datasets: readonly RetainedDataset[]
  /** Names of the providers that are simulated; none in a deployment. */
  readonly simulated: readonly string[]
  /** The jobs that run, if others are switched off: those of `npm start -- --only`. */
  readonly only?: readonly string[]
  /** All variables; the settings that the stage changes are among them. */
  readonly settings: Readonly<Record<string, string | undefined>>
}

/**
 * Parses the environment, once at the start of a function.
 *
 * @throws {TypeError} naming a variable that is missing
 */
export function functionEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
): FunctionEnvironment {
  return {
    table: required('FRESHET_TABLE'),
    bus: required('FRESHET_BUS'),
    stage: required('FRESHET_STAGE'),
    version: required('FRESHET_VERSION'),
    ...defined({ contact: variables['FRESHET_CONTACT'] || undefined }),
    ...defined({ awsTimeoutMs: optionalNumber('FRESHET_AWS_TIMEOUT_MS') }),
    readsAuth: variables['FRESHET_READS_AUTH'] ?? 'public',
    corsOrigins: variables['FRESHET_CORS_ORIGINS']?.split(',') ?? [],
    machines: new Map(Object.entries(JSON.parse(variables['FRESHET_MACHINES'] ?? '{}') as object)),
    datasets: JSON.parse(variables['FRESHET_DATASETS'] ?? '[]') as readonly RetainedDataset[],
    simulated: variables['FRESHET_SIMULATED']?.split(',') ?? [],
    ...defined({ only: variables['FRESHET_ONLY']?.split(',') }),
    settings: variables,
  }

  function required(name: string): string {
    const value = variables[name]
    if (value) return value
    throw new TypeError(`expected the environment variable ${name}, got ${JSON.stringify(value)}`)
  }

  function optionalNumber(name: string): number | undefined {
    const value = variables[name]
    return value === undefined ? undefined : Number(value)
  }
}

/** The variables of the function of operators that have the URLs of the failure queues. */
export const QUEUE_VARIABLES: Readonly<Record<FailureQueue, string>> = {
  undelivered: 'FRESHET_UNDELIVERED_QUEUE',
  'failed-runs': 'FRESHET_FAILED_RUNS_QUEUE',
}

/** URLs of the failure queues. @throws {TypeError} naming a variable that is missing */
export function failureQueueUrls(
  variables: Readonly<Record<string, string | undefined>>,
): Readonly<Record<FailureQueue, string>> {
  const urls = Object.entries(QUEUE_VARIABLES).map(([queue, name]) => {
    const url = variables[name]
    if (url) return [queue, url] as const
    throw new TypeError(`expected the environment variable ${name}, got ${JSON.stringify(url)}`)
  })
  return Object.fromEntries(urls) as Record<FailureQueue, string>
}
