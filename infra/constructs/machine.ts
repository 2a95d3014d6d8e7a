import { Aws, RemovalPolicy } from 'aws-cdk-lib'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions'
import type { Construct } from 'constructs'
import { acknowledge } from '#infra/acknowledgements.ts'
import type { StageConfig } from '#infra/config.ts'
import { stateMachineName, taskStateMachine } from '#infra/task-machine.ts'
import type { Job } from '#shared/declare/job.ts'

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
