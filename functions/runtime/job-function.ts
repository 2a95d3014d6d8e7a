import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Context } from 'aws-lambda'
import { awsTimeouts } from '#shared/adapters/aws-timeouts.ts'
import { dynamoStore } from '#shared/adapters/dynamodb/store.ts'
import { dynamoClient } from '#shared/adapters/dynamodb/table/table-reader.ts'
import { httpClient } from '#shared/adapters/http-client/http-client.ts'
import { powertoolsLog } from '#shared/adapters/powertools-log.ts'
import { ssmSecrets } from '#shared/adapters/ssm-secrets.ts'
import { systemClock, systemRandom } from '#shared/adapters/system-clock.ts'
import { type JobDeclaration, resolveJob } from '#shared/declare/job.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { defined } from '#shared/domain/defined.ts'
import type { Http } from '#shared/domain/ports/http.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { Refresh } from '#shared/engine/model/refresh.ts'
import type { Ports, RetentionWork, Work } from '#shared/engine/model/run-state.ts'
import { run } from '#shared/engine/run.ts'
import { runTaskStep } from '#shared/engine/task/steps.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { type FunctionEnvironment, functionEnvironment } from './environment.ts'
import { isTaskStep, parseRunRequest, parseTaskStep } from './events.ts'
import { functionBus, reportUndecodable } from './ports.ts'

/** Reserved at the end of an invocation for recording the outcome. */
const RESERVE_MS = 10_000

/** The table as a function has it. */
interface FunctionTable {
  readonly environment: FunctionEnvironment
  readonly client: DynamoDBClient
  /** Called for each record that cannot be decoded. */
  readonly unreadable: (record: string) => void
}

/** Makes the retention work over the table of a function. */
type OpenRetention = (table: FunctionTable) => RetentionWork

/** How a run ended, as the invocation returns it. */
type RunResult = Pick<RunRecord, 'id' | 'status'> & { readonly reason?: string }

/**
 * The Lambda function of a job: parses the event and runs the engine, or one step of a task, over the real ports.
 *
 * It returns normally once an outcome is recorded, whatever the outcome, and throws only when none could be recorded.
 * Runs of a single key are plain also where the job's own runs are tasks.
 *
 * @param openRetention - of a job that declares `retains`, and of no other
 * @throws {TypeError} when created with illegal settings or an unknown upstream
 */
export function jobFunction<V>(
  declaration: JobDeclaration,
  refresh: Refresh<V, string>,
  openRetention?: OpenRetention,
) {
  const work = jobWork(declaration, refresh, openRetention)
  const { id, run: policy } = work.job
  return async (event: unknown, context: Context): Promise<object> => {
    const stopBy = invocationDeadline(context, work)
    if (policy.mode !== 'task' || !isTaskStep(event)) return runJob(event, stopBy, work)
    return (await runTaskStep(parseTaskStep(event, id), work, stopBy)) ?? {}
  }
}

async function runJob<V>(event: unknown, stopBy: number, work: Work<V>): Promise<RunResult> {
  const request = parseRunRequest(event, work.job, work.ports.clock.now())
  if (work.job.run.mode === 'task' && request.key === undefined)
    throw new TypeError(
      `expected a step of a task or a key of ${work.job.id}, got a run of the whole job: submit it as a task`,
    )
  const { id, status, reason } = await run({ ...request, stopBy }, work)
  return { id, status, ...defined({ reason }) }
}

/** The epoch time (ms) by which an invocation must have ended its work. */
function invocationDeadline<V>(context: Context, { ports }: Work<V>): number {
  return ports.clock.now() + context.getRemainingTimeInMillis() - RESERVE_MS
}

/** A job with the settings of its function's environment, over the real ports. */
function jobWork<V>(
  declaration: JobDeclaration,
  refresh: Refresh<V, string>,
  openRetention: OpenRetention | undefined,
): Work<V> {
  const environment = functionEnvironment(process.env)
  const job = resolveJob(declaration, environment.settings)
  if ((job.retains === undefined) !== (openRetention === undefined))
    throw new TypeError(
      `expected the handler of ${job.id} to be a retentionFunction if it declares retains, and only then`,
    )
  const [upstream, ...otherUpstreams] = job.upstreams.map((name) => {
    const declared = upstreams.find((candidate) => candidate.name === name)
    if (declared) return resolveUpstream(declared, environment.settings)
    throw new TypeError(`the job ${job.id} names the unknown upstream ${name}`)
  })
  const log = powertoolsLog(job.id)
  const trustedOrigins = [upstream, ...otherUpstreams].flatMap((provider) => provider?.trustedOrigins ?? [])
  const table: FunctionTable = {
    environment,
    client: dynamoClient(3, awsTimeouts(environment.awsTimeoutMs)),
    unreadable: reportUndecodable(log, environment, systemClock),
  }
  const ports: Ports = {
    clock: systemClock,
    random: systemRandom,
    http: withUserAgent(httpClient({ trustedOrigins }), environment),
    store: dynamoStore(table.client, environment.table, systemClock, table.unreadable),
    bus: functionBus(environment),
    secrets: ssmSecrets(systemClock, (message) => log.warn(message), awsTimeouts(environment.awsTimeoutMs)),
    log,
  }
  return { job, refresh, otherUpstreams, ports, ...defined({ upstream, retention: openRetention?.(table) }) }
}

/** Identifies this system to providers. */
function withUserAgent(http: Http, { version, contact }: FunctionEnvironment): Http {
  const userAgent = `freshet/${version}${contact === undefined ? '' : ` (+${contact})`}`
  return (request) => http({ ...request, headers: { 'user-agent': userAgent, ...request.headers } })
}
