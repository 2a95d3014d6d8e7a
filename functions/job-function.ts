import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import { type Job, type JobDeclaration, resolveJob } from '#shared/declare/job.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import type { Ports, RunRequest, Work } from '#shared/engine/context.ts'
import { RefreshError } from '#shared/engine/errors.ts'
import type { Refresh } from '#shared/engine/refresh.ts'
import { run } from '#shared/engine/run.ts'
import type { NextStep } from '#shared/engine/task/step.ts'
import { takeStep } from '#shared/engine/task/take-step.ts'
import { type Clock, systemClock } from '#shared/ports/clock.ts'
import { eventBridgeBus } from '#shared/ports/event-bridge-bus.ts'
import type { Http } from '#shared/ports/http.ts'
import { PATIENCE } from '#shared/ports/patience.ts'
import { powertoolsLog } from '#shared/ports/powertools-log.ts'
import { systemRandom } from '#shared/ports/random.ts'
import type { RunRecord } from '#shared/ports/records.ts'
import type { Secrets } from '#shared/ports/secrets.ts'
import { dynamoStore } from '#shared/store/dynamo.ts'
import { dynamoClient } from '#shared/store/dynamo-client.ts'
import { httpClient } from '#shared/upstreams/http-client.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { type FunctionEnvironment, functionEnvironment } from './environment.ts'
import { runRequest } from './job-event.ts'
import { isStep, taskStep } from './task-event.ts'

/** Kept free at the end of an invocation. */
const RESERVE_MS = 10_000

type SecretsReader = (clock: Clock, warn: (message: string) => void) => Secrets

/** How a run ended, or what a task's machine does next: what the invocation answers. */
type Answer = (Pick<RunRecord, 'id' | 'status'> & { readonly reason?: string }) | NextStep | object

/**
 * The Lambda function of one job: reads its event, runs the engine over the real ports. It returns normally once an
 * outcome is recorded, of whatever kind, and throws only when none could be. Of a job whose runs are tasks it takes
 * the steps that the machine asks for.
 *
 * @param secrets - where secrets are read, such as `ssmSecrets`: of a job that has a provider with a key. Others go
 *   without, for what it weighs.
 * @throws {TypeError} for a job that lacks it
 */
export function jobFunction<V>(declaration: JobDeclaration, refresh: Refresh<V>, secrets?: SecretsReader) {
  const environment = functionEnvironment(process.env)
  const task = realWork(declaration, refresh, environment, secrets)
  return middy<unknown, Answer>().handler(async (event: unknown, context: Context): Promise<Answer> => {
    const now = task.ports.clock.now()
    const stopBy = now + context.getRemainingTimeInMillis() - RESERVE_MS
    if (isStep(event)) return (await takeStep(taskStep(event, task.job.id), task, stopBy)) ?? {}
    const request = runRequest(event, task.job, now)
    expectPlain(request, task.job)
    const { id, status, reason } = await run({ ...request, stopBy }, task)
    return { id, status, ...(reason === undefined ? {} : { reason }) }
  })
}

/** A run of one key is plain in any case; all else that a task job is asked for is submitted first. */
function expectPlain({ key }: RunRequest, { id, run: { shape } }: Job): void {
  if (shape === 'plain' || key !== undefined) return
  throw new TypeError(
    `expected a step of a task or a key of ${id}, got a run of the whole job: it is submitted`,
  )
}

function realWork<V>(
  declaration: JobDeclaration,
  refresh: Refresh<V>,
  environment: FunctionEnvironment,
  secretsReader: SecretsReader | undefined,
): Work<V> {
  const job = resolveJob(declaration, environment.settings)
  const [upstream, ...others] = job.upstreams.map((name) => {
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
      httpClient({ trustedOrigins: [upstream, ...others].flatMap((one) => one.trustedOrigins) }),
      environment,
    ),
    store: dynamoStore(dynamoClient(3), environment.table, systemClock, unreadable),
    bus: eventBridgeBus(new EventBridgeClient({ maxAttempts: 3, ...PATIENCE }), environment.bus),
    secrets: secretsReader?.(systemClock, (message) => log.warn(message)) ?? noSecrets,
    log,
  }
  return { job, refresh, upstream, others, ports }
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
