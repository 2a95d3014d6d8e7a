import { ArnFormat, Stack } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Construct } from 'constructs'
import type { Permission, PermissionTarget } from '#infra/definitions/permissions.ts'
import { assertNever } from '#shared/domain/errors.ts'
import type { Foundation } from './foundation.ts'

/** ARNs of state machines by job. */
export type MachineArns = Readonly<Record<string, string>>

type PermittedResources = Pick<Foundation, 'table' | 'bus' | 'undeliveredQueue' | 'failedRunsQueue'>

/** The statements of permissions, for the resources of a stage. */
export function policyStatements(
  scope: Construct,
  permissions: readonly Permission[],
  foundation: PermittedResources,
  machineArns: MachineArns = {},
): PolicyStatement[] {
  return permissions.map(
    ({ actions, target, leadingKeys }) =>
      new PolicyStatement({
        actions: [...actions],
        resources: targetArns(scope, target, foundation, machineArns),
        ...(leadingKeys
          ? { conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': leadingKeys } } }
          : {}),
      }),
  )
}

function targetArns(
  scope: Construct,
  target: PermissionTarget,
  { table, bus, undeliveredQueue, failedRunsQueue }: PermittedResources,
  machineArns: MachineArns,
): string[] {
  const { kind } = target
  switch (kind) {
    case 'table':
      return [table.tableArn]
    case 'bus':
      return [bus.eventBusArn]
    case 'machines':
      return target.jobs.map((job) => expectArn(machineArns, job))
    case 'metrics':
      return ['*']
    case 'queues':
      return [undeliveredQueue.queueArn, failedRunsQueue.queueArn]
    case 'parameter': {
      const { name } = target
      return [Stack.of(scope).formatArn({ service: 'ssm', resource: 'parameter', resourceName: name })]
    }
    case 'secret': {
      const arnFormat = ArnFormat.COLON_RESOURCE_NAME
      const arn = { service: 'secretsmanager', resource: 'secret', resourceName: target.name, arnFormat }
      return [Stack.of(scope).formatArn(arn)]
    }
    default:
      return assertNever(kind)
  }
}

function expectArn(arns: MachineArns, job: string): string {
  const arn = arns[job]
  if (arn === undefined) throw new Error(`expected the state machine of ${job}, got none`)
  return arn
}
