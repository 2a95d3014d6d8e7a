import type { Shutdown } from '../host/lifecycle.ts'
import { createTableAt } from '../table/create-table.ts'
import { openTable } from '../table/table.ts'
import { type ExecutionRequest, openAwsEndpoint, type PutEvent } from './endpoint.ts'
import type { LocalFailureQueues } from './failure-queues.ts'
import type { LocalMetrics } from './metrics.ts'
import type { LocalRoles } from './roles.ts'
import type { StartResult } from './state-machines.ts'

interface AwsServicesOptions {
  /** Variables of the operator's own AWS-compatible endpoint; empty without one. */
  readonly endpoint: Readonly<Record<string, string>>
  /** Directory of the embedded table. */
  readonly tablePath: string
  readonly secrets: ReadonlyMap<string, string>
  readonly metrics: LocalMetrics
  readonly queues: LocalFailureQueues
  readonly onEvent: (event: PutEvent) => void
  readonly onStart: (request: ExecutionRequest) => Promise<StartResult>
  /** Owners of leases that continue, although their process has ended. */
  readonly leaseOwners: ReadonlySet<string>
  readonly onFault: (component: string, error: unknown) => void
  /** What each function may call of the services that are embedded. */
  readonly roles: LocalRoles | undefined
}

/**
 * Opens the AWS services that functions call: table, secrets, bus, state machines, metrics and queues. The operator's own endpoint
 * replaces table and secrets; the others are always local, because they invoke the local functions, or read their lines.
 *
 * @returns the variables by which the SDK addresses them
 */
export async function openAwsServices(
  {
    endpoint,
    tablePath,
    secrets,
    metrics,
    queues,
    onEvent,
    onStart,
    leaseOwners,
    onFault,
    roles,
  }: AwsServicesOptions,
  shutdown: Shutdown,
): Promise<Record<string, string>> {
  const ownUrl = (service: string) => endpoint[`AWS_ENDPOINT_URL_${service}`] ?? endpoint['AWS_ENDPOINT_URL']
  const aws = await openAwsEndpoint({ secrets, metrics, queues, onEvent, onStart, roles })
  shutdown.add(aws.close)
  let tableUrl = ownUrl('DYNAMODB')
  if (tableUrl !== undefined) {
    await createTableAt(endpoint)
  } else {
    const table = await openTable({
      path: tablePath,
      leaseOwners,
      roles,
      onFault: (error) => onFault('expiry', error),
    })
    shutdown.add(table.close)
    tableUrl = table.url
  }
  return {
    ...endpoint,
    AWS_ENDPOINT_URL_EVENTBRIDGE: aws.url,
    AWS_ENDPOINT_URL_SFN: aws.url,
    AWS_ENDPOINT_URL_CLOUDWATCH: aws.url,
    AWS_ENDPOINT_URL_SSM: ownUrl('SSM') ?? aws.url,
    AWS_ENDPOINT_URL_DYNAMODB: tableUrl,
  }
}
