import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import { AWS_TIMEOUTS } from '#shared/adapters/aws-timeouts.ts'
import { dynamoStore } from '#shared/adapters/dynamodb/store.ts'
import { dynamoClient } from '#shared/adapters/dynamodb/table/table-reader.ts'
import { eventBridgeBus } from '#shared/adapters/event-bridge.ts'
import { httpClient } from '#shared/adapters/http-client/http-client.ts'
import { powertoolsLog } from '#shared/adapters/powertools-log.ts'
import { systemClock, systemRandom } from '#shared/adapters/system-clock.ts'
import { type JobDeclaration, resolveJob } from '#shared/declare/job.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { Http } from '#shared/domain/ports/http.ts'
import type { Secrets } from '#shared/domain/ports/secrets.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { Refresh } from '#shared/engine/model/refresh.ts'
import type { Ports, Work } from '#shared/engine/model/run-state.ts'
import { run } from '#shared/engine/run.ts'
import { runTaskStep } from '#shared/engine/task/steps.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { type FunctionEnvironment, functionEnvironment } from './environment.ts'
import { isTaskStep, parseRunRequest, parseTaskStep } from './events.ts'

/** Kept free at the end of an invocation. */
const RESERVE_MS = 10_000

/** How a run ended. */
type RunResult = Pick<RunRecord, 'id' | 'status'> & { readonly reason?: string }

/**
 * The Lambda function of one job whose runs are plain: reads its event, runs the engine over the real ports. It returns
 * normally once an outcome is recorded, of whatever kind, and throws only when none could be.
 *
 * @param secrets - for a job of a provider that may have a key; others go without, for what it weighs
 * @throws {TypeError} for a job that lacks it, and for one whose runs are tasks: `taskFunction` makes theirs
 */
export function jobFunction<V>(declaration: JobDeclaration, refresh: Refresh<V>, secrets?: SecretsFactory) {
  const work = jobWork(declaration, refresh, secrets)
  const { id, run: how } = work.job
  if (how.mode !== 'plain') throw new TypeError(`expected plain runs of ${id}, got a ${how.mode}`)
  return middy<unknown, RunResult>().handler((event: unknown, context: Context) =>
    runJob(event, context, work),
  )
}

/** The run that an event asks for. */
export async function runJob<V>(event: unknown, context: Context, work: Work<V>): Promise<RunResult> {
  const request = parseRunRequest(event, work.job, work.ports.clock.now())
  const { mode } = work.job.run
  // a run of one key is plain in any case
  if (mode !== 'plain' && request.key === undefined)
    throw new TypeError(
      `expected a step of a task or a key of ${work.job.id}, got a run of the whole job: it is submitted`,
    )
  const { id, status, reason } = await run({ ...request, stopBy: invocationDeadline(context, work) }, work)
  return { id, status, ...(reason === undefined ? {} : { reason }) }
}

/** When an invocation has to have ended its work. */
export function invocationDeadline<V>(context: Context, { ports }: Work<V>): number {
  return ports.clock.now() + context.getRemainingTimeInMillis() - RESERVE_MS
}

/**
 * The Lambda function of one job whose runs are tasks: takes the steps that its machine asks for and answers what the
 * machine does next; runs of one key are plain.
 *
 * @param secrets - for a job of a provider that may have a key; others go without, for what it weighs
 * @throws {TypeError} for a job that lacks it, and for one whose runs are plain: `jobFunction` makes theirs
 */
export function taskFunction<V>(declaration: JobDeclaration, refresh: Refresh<V>, secrets?: SecretsFactory) {
  const work = jobWork(declaration, refresh, secrets)
  const { id, run: how } = work.job
  if (how.mode !== 'task') throw new TypeError(`expected tasks of ${id}, got ${how.mode} runs`)
  return middy<unknown, object>().handler(async (event: unknown, context: Context): Promise<object> => {
    if (!isTaskStep(event)) return runJob(event, context, work)
    return (await runTaskStep(parseTaskStep(event, id), work, invocationDeadline(context, work))) ?? {}
  })
}

/** Where secrets are read, such as `ssmSecrets`. */
export type SecretsFactory = (clock: Clock, warn: (message: string) => void) => Secrets

/**
 * A job as its function runs it: resolved with the settings of its environment, over the real ports.
 *
 * @throws {TypeError} for settings that are not legal, and for a job of a provider that may have a key without a reader
 *   of secrets
 */
export function jobWork<V>(
  declaration: JobDeclaration,
  refresh: Refresh<V>,
  secretsReader: SecretsFactory | undefined,
): Work<V> {
  const environment = functionEnvironment(process.env)
  const job = resolveJob(declaration, environment.settings)
  const [upstream, ...otherUpstreams] = job.upstreams.map((name) => {
    const declared = upstreams.find((one) => one.name === name)
    if (declared?.spec.secret && !secretsReader)
      throw new TypeError(`expected ${job.id} to be given a reader of secrets: ${name} may have a key`)
    if (declared) return resolveUpstream(declared, environment.settings)
    throw new TypeError(`the job ${job.id} names the unknown upstream ${name}`)
  })
  if (!upstream) throw new TypeError(`the job ${job.id} names no upstream`)
  const log = powertoolsLog(job.id)
  const unreadable = (what: string) =>
    log.error('A stored record cannot be read and counts as missing', { what })
  const ports: Ports = {
    clock: systemClock,
    random: systemRandom,
    http: withUserAgent(
      httpClient({ trustedOrigins: [upstream, ...otherUpstreams].flatMap((one) => one.trustedOrigins) }),
      environment,
    ),
    store: dynamoStore(dynamoClient(3), environment.table, systemClock, unreadable),
    bus: eventBridgeBus(new EventBridgeClient({ maxAttempts: 3, ...AWS_TIMEOUTS }), environment.bus),
    secrets: secretsReader?.(systemClock, (message) => log.warn(message)) ?? noSecrets,
    log,
  }
  return { job, refresh, upstream, otherUpstreams, ports }
}

const noSecrets: Secrets = {
  get: (parameter) =>
    Promise.reject(new RefreshError('secret', `expected a reader of secrets for ${parameter}, got none`)),
}

/** Says who asks, as providers want to know. */
function withUserAgent(http: Http, { version, contact }: FunctionEnvironment): Http {
  const userAgent = `freshet/${version}${contact === undefined ? '' : ` (+${contact})`}`
  return (request) => http({ ...request, headers: { 'user-agent': userAgent, ...request.headers } })
}
