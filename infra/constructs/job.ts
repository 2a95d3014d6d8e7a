import { type ArnComponents, ArnFormat, Stack } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Code } from 'aws-cdk-lib/aws-lambda'
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions'
import { Construct } from 'constructs'
import { acknowledge } from '#infra/acknowledgements.ts'
import { asyncInvokePolicy, inputDeliveryPolicy, requestDeliveryPolicy } from '#infra/edges.ts'
import { jobTimeoutMs } from '#infra/timeouts.ts'
import type { Job } from '#shared/declare/job.ts'
import type { Upstream } from '#shared/declare/upstream.ts'
import { onInputRefreshed, onRefreshRequested } from './bus.ts'
import type { Foundation } from './foundation.ts'
import { AliasedFunction } from './live-function.ts'
import { createStateMachine } from './machine.ts'
import { jobPermissions, publishPermission } from './permissions.ts'
import { scheduleTicks } from './ticks.ts'

/** Room for parsing and rendering; a fetch waits more than it computes. */
const JOB_MEMORY_MB = 512

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
  readonly refreshFunction: AliasedFunction
  /** Of tasks only. */
  readonly stateMachine: StateMachine | undefined

  constructor(scope: Construct, id: string, { job, upstreams, code, settings, foundation }: RefreshJobProps) {
    super(scope, id)
    const { table, bus, undeliveredQueue, failedRunsQueue, environment, config } = foundation
    this.refreshFunction = new AliasedFunction(this, 'Live', {
      about: `Refreshes: ${job.title}`,
      code,
      memoryMb: JOB_MEMORY_MB,
      timeoutMs: jobTimeoutMs(job),
      environment: { ...environment, NODE_OPTIONS: '--enable-source-maps', ...settings },
      permissions: [
        ...jobPermissions(table, job),
        publishPermission(bus),
        ...upstreams.flatMap((upstream) => secretPermissions(this, upstream)),
      ],
      config,
    })
    const { alias } = this.refreshFunction
    if (job.run.mode === 'task') this.stateMachine = createStateMachine(this, { job, alias, config })
    if (job.run.mode === 'task' && job.stored === 'snapshot') {
      acknowledge(
        this.refreshFunction.function,
        'Serverless-LambdaDLQ',
        'only invoked synchronously, by its machine',
      )
      return
    }
    this.refreshFunction.configureAsyncInvoke(asyncInvokePolicy(job), failedRunsQueue)
    if (job.run.mode === 'task') {
      onRefreshRequested(this, alias, {
        bus,
        jobs: [job.id],
        scope: 'keys',
        policy: requestDeliveryPolicy,
        undeliveredQueue,
      })
      return
    }
    scheduleTicks(this, alias, job, undeliveredQueue)
    onRefreshRequested(this, alias, {
      bus,
      jobs: [job.id],
      policy: requestDeliveryPolicy,
      undeliveredQueue,
    })
    onInputRefreshed(this, alias, {
      bus,
      jobs: [job],
      policy: inputDeliveryPolicy,
      undeliveredQueue,
    })
  }
}

/** Names under it lead to a secret of Secrets Manager. */
const SECRETS_MANAGER = '/aws/reference/secretsmanager/'

/**
 * Reading the upstream's key, where one is declared. It has to be encrypted by the account's own key of its service,
 * whose policy lets every reader decrypt it; a customer key would need a grant of its own.
 */
function secretPermissions(scope: Construct, { secret }: Upstream): PolicyStatement[] {
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
