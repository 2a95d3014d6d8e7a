import { ArnFormat, Aws, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions'
import { Construct } from 'constructs'
import {
  asyncInvokePolicy,
  inputDeliveryPolicy,
  requestDeliveryPolicy,
} from '#infra/definitions/delivery-policy.ts'
import { datasetsEnvironment } from '#infra/definitions/function-settings.ts'
import { jobPermissions } from '#infra/definitions/permissions.ts'
import { stateMachineName, taskStateMachine } from '#infra/definitions/task-state-machine.ts'
import { jobTimeoutMs } from '#infra/definitions/timeouts.ts'
import type { StageConfig } from '#infra/stages/config.ts'
import type { Job } from '#shared/declare/job.ts'
import type { Upstream } from '#shared/declare/upstream.ts'
import { followsKeys } from '#shared/engine/gate/input-triggers.ts'
import { acknowledge } from './acknowledgements.ts'
import { AliasedFunction, type FunctionProps } from './aliased-function.ts'
import { onInputRefreshed, onRefreshRequested } from './bus.ts'
import type { Foundation } from './foundation.ts'
import { policyStatements } from './permissions.ts'
import { scheduleTicks } from './schedules.ts'

interface RefreshJobProps extends FunctionProps {
  readonly job: Job
  readonly upstreams: readonly Upstream[]
  /** All jobs of the stage, also those that are off. */
  readonly jobs: readonly Job[]
}

/**
 * One job that is not off: its function with its triggers, the schedule and the bus. A job whose runs are tasks also has
 * a state machine, which invokes the function; its triggers invoke the submit function, except for refreshes of single
 * keys, which are never tasks.
 */
export class RefreshJob extends Construct {
  readonly refreshFunction: AliasedFunction
  /** Only of a job whose runs are tasks. */
  readonly stateMachine: StateMachine | undefined

  constructor(scope: Construct, id: string, { job, upstreams, jobs, ...props }: RefreshJobProps) {
    super(scope, id)
    const { failedRunsQueue, config } = props.foundation
    this.refreshFunction = new AliasedFunction(this, 'Live', {
      ...props,
      about: `Refreshes: ${job.title}`,
      timeoutMs: jobTimeoutMs(job),
      permissions: policyStatements(this, jobPermissions(job, upstreams, jobs), props.foundation),
      variables: datasetsEnvironment(job, jobs),
    })
    const { alias } = this.refreshFunction
    const isTask = job.run.mode === 'task'
    if (isTask) this.stateMachine = createStateMachine(this, { job, alias, config })
    if (isTask && job.stored === 'snapshot') {
      this.refreshFunction.acknowledgeSynchronous('its state machine')
      return
    }
    this.refreshFunction.configureAsyncInvoke(asyncInvokePolicy(job), failedRunsQueue)
    this.#addTriggers(alias, job, jobs, props.foundation)
  }

  #addTriggers(
    alias: IFunction,
    job: Job,
    jobs: readonly Job[],
    { bus, undeliveredQueue }: Foundation,
  ): void {
    const request = { bus, jobs: [job.id], policy: requestDeliveryPolicy, undeliveredQueue }
    if (job.run.mode === 'task') {
      onRefreshRequested(this, alias, { ...request, scope: 'keys' })
      return
    }
    scheduleTicks(this, alias, job, undeliveredQueue)
    onRefreshRequested(this, alias, request)
    onInputRefreshed(this, alias, {
      bus,
      jobs: [job],
      policy: inputDeliveryPolicy,
      undeliveredQueue,
      ...(followsKeys(job, jobs) ? {} : { scope: 'jobs' }),
    })
  }
}

interface StateMachineProps {
  readonly job: Job
  /** Executes the steps. */
  readonly alias: IFunction
  readonly config: Pick<StageConfig, 'stage' | 'logRetentionDays' | 'tracing'>
}

/**
 * The state machine of a job whose runs are tasks. Its role may invoke that alias and write its log, which contains
 * failures only and no data; only this state machine may assume it.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
 */
function createStateMachine(scope: Construct, { job, alias, config }: StateMachineProps): StateMachine {
  const name = stateMachineName(config.stage, job.id)
  const stack = Stack.of(scope)
  const arnFormat = ArnFormat.COLON_RESOURCE_NAME
  const ownArn = stack.formatArn({
    service: 'states',
    resource: 'stateMachine',
    resourceName: name,
    arnFormat,
  })
  const role = new Role(scope, 'MachineRole', {
    assumedBy: new ServicePrincipal('states.amazonaws.com', {
      conditions: {
        StringEquals: { 'aws:SourceAccount': stack.account },
        ArnLike: { 'aws:SourceArn': ownArn },
      },
    }),
  })
  role.addToPolicy(
    new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [alias.functionArn] }),
  )
  const log = new LogGroup(scope, 'MachineLog', {
    // with this prefix the resource policy of log delivery does not grow with each state machine
    logGroupName: `/aws/vendedlogs/states/${name}`,
    retention: config.logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  const definition = taskStateMachine(job, { partition: Aws.PARTITION, functionArn: alias.functionArn })
  const stateMachine = new StateMachine(scope, 'Machine', {
    stateMachineName: name,
    stateMachineType: StateMachineType.STANDARD,
    definitionBody: DefinitionBody.fromString(JSON.stringify(definition)),
    role,
    tracingEnabled: config.tracing ?? false,
    logs: { destination: log, level: LogLevel.ERROR, includeExecutionData: false },
  })
  acknowledge(
    stateMachine,
    'AwsSolutions-SF1',
    'failures only: every task has a record and a log line of its outcome',
  )
  if (!config.tracing) {
    acknowledge(stateMachine, 'AwsSolutions-SF2', TRACING_REASON)
    acknowledge(stateMachine, 'Serverless-StepFunctionStateMachineXray', TRACING_REASON)
  }
  const reason = 'log delivery cannot be limited to a resource, nor can traces'
  acknowledge(role, 'AwsSolutions-IAM5[Resource::*]', reason)
  return stateMachine
}

const TRACING_REASON =
  'off: a task is one record and one log line under one id, and traces cost money per call'
