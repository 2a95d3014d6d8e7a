import { type ArnComponents, ArnFormat, Aws, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { Code, IFunction } from 'aws-cdk-lib/aws-lambda'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions'
import { Construct } from 'constructs'
import {
  asyncInvokePolicy,
  inputDeliveryPolicy,
  requestDeliveryPolicy,
} from '#infra/definitions/delivery-policy.ts'
import { stateMachineName, taskStateMachine } from '#infra/definitions/task-state-machine.ts'
import { jobTimeoutMs } from '#infra/definitions/timeouts.ts'
import type { StageConfig } from '#infra/stages/config.ts'
import type { Job } from '#shared/declare/job.ts'
import type { Upstream } from '#shared/declare/upstream.ts'
import { acknowledge } from './acknowledgements.ts'
import { AliasedFunction } from './aliased-function.ts'
import { onInputRefreshed, onRefreshRequested } from './bus.ts'
import type { Foundation } from './foundation.ts'
import { jobPermissions, publishPermission } from './permissions.ts'
import { scheduleTicks } from './schedules.ts'

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

interface StateMachineProps {
  readonly job: Job
  /** Takes the steps. */
  readonly alias: IFunction
  readonly config: Pick<StageConfig, 'stage' | 'logRetentionDays'>
}

/**
 * The state machine of a job whose runs are tasks. Its role may invoke that alias and write its log, which tells of
 * failures and holds no data.
 */
export function createStateMachine(
  scope: Construct,
  { job, alias, config }: StateMachineProps,
): StateMachine {
  const name = stateMachineName(config.stage, job.id)
  const role = new Role(scope, 'MachineRole', { assumedBy: new ServicePrincipal('states.amazonaws.com') })
  role.addToPolicy(
    new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [alias.functionArn] }),
  )
  const log = new LogGroup(scope, 'MachineLog', {
    // under this prefix the policy by which AWS delivers logs does not grow with each machine
    logGroupName: `/aws/vendedlogs/states/${name}`,
    retention: config.logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  const definition = taskStateMachine(job, { partition: Aws.PARTITION, functionArn: alias.functionArn })
  const made = new StateMachine(scope, 'Machine', {
    stateMachineName: name,
    stateMachineType: StateMachineType.STANDARD,
    definitionBody: DefinitionBody.fromString(JSON.stringify(definition)),
    role,
    logs: { destination: log, level: LogLevel.ERROR, includeExecutionData: false },
  })
  acknowledge(
    made,
    'AwsSolutions-SF1',
    'failures only: of every task there is a record, and a line of its end',
  )
  acknowledge(made, 'AwsSolutions-SF2', TRACING_REASON)
  acknowledge(made, 'Serverless-StepFunctionStateMachineXray', TRACING_REASON)
  acknowledge(role, 'AwsSolutions-IAM5[Resource::*]', 'the delivery of logs knows no resource')
  return made
}

const TRACING_REASON = 'off: a task is one record and one log line under one id, and traces cost money a call'
