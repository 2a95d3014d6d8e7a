import type { Shutdown } from '../host/lifecycle.ts'
import { createTableAt } from '../table/create-table.ts'
import { openTable } from '../table/table.ts'
import { type ExecutionRequest, openAwsEndpoint, type PutEvent } from './endpoint.ts'
import type { StartResult } from './state-machines.ts'

interface AwsServicesOptions {
  /** The operator's own AWS-compatible endpoint, as the SDK's variables. */
  readonly endpoint: Readonly<Record<string, string>>
  /** Where the embedded table keeps its files. */
  readonly tablePath: string
  readonly secrets: ReadonlyMap<string, string>
  readonly onEvent: (event: PutEvent) => void
  readonly onStart: (wanted: ExecutionRequest) => Promise<StartResult>
  /** Owners of leases that an ended process has left, and that go on. */
  readonly leaseOwners: ReadonlySet<string>
  readonly onFault: (where: string, error: unknown) => void
}

/**
 * Opens what functions find under AWS's names: table, secrets, bus and state machines. An endpoint of the operator's
 * serves the table and the secrets in their place; bus and machines are always ours, because they lead to our functions.
 *
 * @returns the variables by which the SDK finds them
 */
export async function openAwsServices(
  choices: AwsServicesOptions,
  ends: Shutdown,
): Promise<Record<string, string>> {
  const { endpoint, tablePath, secrets, onEvent, onStart, leaseOwners, onFault } = choices
  const served = (service: string) => endpoint[`AWS_ENDPOINT_URL_${service}`] ?? endpoint['AWS_ENDPOINT_URL']
  const aws = await openAwsEndpoint({ secrets, onEvent, onStart })
  ends.add(aws.close)
  return {
    ...endpoint,
    AWS_ENDPOINT_URL_EVENTBRIDGE: aws.url,
    AWS_ENDPOINT_URL_SFN: aws.url,
    AWS_ENDPOINT_URL_SSM: served('SSM') ?? aws.url,
    AWS_ENDPOINT_URL_DYNAMODB: await openTheTable(served('DYNAMODB')),
  }

  async function openTheTable(given: string | undefined): Promise<string> {
    if (given !== undefined) {
      await createTableAt(endpoint)
      return given
    }
    const table = await openTable({
      path: tablePath,
      leaseOwners,
      onFault: (error) => onFault('expiry', error),
    })
    ends.add(table.close)
    return table.url
  }
}
