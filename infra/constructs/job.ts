import { type ArnComponents, ArnFormat, Stack } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Code } from 'aws-cdk-lib/aws-lambda'
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions'
import { Construct } from 'constructs'
import { acknowledge } from '#infra/acknowledgements.ts'
import { handling, inputDelivery, requestDelivery } from '#infra/edges.ts'
import { jobTimeoutMs } from '#infra/timeouts.ts'
import type { Job } from '#shared/declare/job.ts'
import type { Upstream } from '#shared/declare/upstream.ts'
import { inputsRefreshed, requested } from './bus.ts'
import type { Foundation } from './foundation.ts'
import { LiveFunction } from './live-function.ts'
import { machine } from './machine.ts'
import { jobRecords, sayOn } from './permissions.ts'
import { ticks } from './ticks.ts'

/** Room for parsing and rendering; a fetch waits more than it computes. */
const MEMORY_MB = 512

interface RefreshJobProps {
  readonly job: Job
  readonly upstreams: readonly Upstream[]
  readonly code: Code
  /** Settings that the stage changes: the job's own and its upstreams'. */
  readonly settings: Readonly<Record<string, string>>
  readonly foundation: Foundation
}

/**
 * One job that runs: its function, and the two ways to it, the schedule and the bus. Of a job whose runs are tasks, its
 * function and the machine that calls it; the ways lead to where tasks are submitted, but for runs of one key, which
 * are never tasks.
 */
export class RefreshJob extends Construct {
  readonly live: LiveFunction
  /** Of tasks only. */
  readonly machine: StateMachine | undefined

  constructor(scope: Construct, id: string, { job, upstreams, code, settings, foundation }: RefreshJobProps) {
    super(scope, id)
    const { table, bus, deliveries, failedRuns, environment, config } = foundation
    this.live = new LiveFunction(this, 'Live', {
      about: `Refreshes: ${job.title}`,
      code,
      memoryMb: MEMORY_MB,
      timeoutMs: jobTimeoutMs(job),
      environment: { ...environment, NODE_OPTIONS: '--enable-source-maps', ...settings },
      permissions: [
        ...jobRecords(table, job),
        sayOn(bus),
        ...upstreams.flatMap((upstream) => secretOf(this, upstream)),
      ],
      config,
    })
    const { alias } = this.live
    if (job.run.shape === 'task') this.machine = machine(this, { job, alias, config })
    if (job.run.shape === 'task' && job.stored === 'snapshot') {
      acknowledge(this.live.function, 'Serverless-LambdaDLQ', 'only invoked synchronously, by its machine')
      return
    }
    this.live.handleAsynchronously(handling(job), failedRuns)
    if (job.run.shape === 'task') {
      requested(this, alias, { bus, jobs: [job.id], of: 'keys', edge: requestDelivery, deliveries })
      return
    }
    ticks(this, alias, job, deliveries)
    requested(this, alias, { bus, jobs: [job.id], edge: requestDelivery, deliveries })
    inputsRefreshed(this, alias, { bus, jobs: [job], edge: inputDelivery, deliveries })
  }
}

/** Names under it lead to a secret of Secrets Manager. */
const SECRETS_MANAGER = '/aws/reference/secretsmanager/'

/**
 * Reading the upstream's key, where one is declared. It has to be encrypted by the account's own key of its service,
 * whose policy lets every reader decrypt it; a customer key would need a grant of its own.
 */
function secretOf(scope: Construct, { secret }: Upstream): PolicyStatement[] {
  if (!secret) return []
  const { parameter } = secret
  const may = (action: string, arn: ArnComponents) =>
    new PolicyStatement({ actions: [action], resources: [Stack.of(scope).formatArn(arn)] })
  const resourceName = parameter.replace(/^\//, '')
  const reading = may('ssm:GetParameter', { service: 'ssm', resource: 'parameter', resourceName })
  if (!parameter.startsWith(SECRETS_MANAGER)) return [reading]
  // six characters of its own choosing end the name of each secret
  const name = `${parameter.slice(SECRETS_MANAGER.length)}-??????`
  const arnFormat = ArnFormat.COLON_RESOURCE_NAME
  const referred = { service: 'secretsmanager', resource: 'secret', resourceName: name, arnFormat }
  return [reading, may('secretsmanager:GetSecretValue', referred)]
}
