import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb'
import { systemClock } from '#shared/adapters/system-clock.ts'
import { defined } from '#shared/domain/defined.ts'
import { pollUntil } from '#shared/domain/polling.ts'
import { errorMessage } from '#shared/domain/text.ts'
import { SYSTEM_ACCESS_KEY } from '../aws/access-keys.ts'
import { StartError } from '../host/lifecycle.ts'

/** Name of the one table of the local system. */
export const TABLE = 'freshet'

const POLL_MS = 20
const TABLE_READY_TIMEOUT_MS = 30_000

/**
 * A client of the table.
 *
 * @param environment - `AWS_ENDPOINT_URL_DYNAMODB` or `AWS_ENDPOINT_URL`, region and credentials; by default
 *   eu-central-1 and dummy credentials
 */
export function tableClient(environment: Readonly<Record<string, string>>): DynamoDBClient {
  const endpoint = environment['AWS_ENDPOINT_URL_DYNAMODB'] ?? environment['AWS_ENDPOINT_URL']
  const credentials = {
    accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? SYSTEM_ACCESS_KEY,
    secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? 'local',
    ...defined({ sessionToken: environment['AWS_SESSION_TOKEN'] }),
  }
  return new DynamoDBClient({
    ...defined({ endpoint }),
    region: environment['AWS_REGION'] ?? 'eu-central-1',
    credentials,
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
  })
}

/**
 * Creates the table if it does not exist and waits until it is active.
 *
 * @throws when the endpoint cannot be reached, denies the request, or does not activate the table within 30 s
 */
export async function createTable(client: DynamoDBClient, name = TABLE): Promise<void> {
  let status = await tableStatus(client, name)
  if (status === 'ACTIVE') return
  if (status === undefined) await createIfMissing(client, name)
  const deadline = systemClock.now() + TABLE_READY_TIMEOUT_MS
  const isActive = await pollUntil(systemClock, { deadline, firstMs: POLL_MS }, async () => {
    status = await tableStatus(client, name)
    return status === 'ACTIVE' ? true : undefined
  })
  if (!isActive) throw new Error(`expected table ${name} to become ACTIVE, got ${status}`)
}

/**
 * Creates the table at the operator's own endpoint if it does not exist.
 *
 * @throws {StartError} when the endpoint cannot be reached or denies the request
 */
export async function createTableAt(environment: Readonly<Record<string, string>>): Promise<void> {
  const client = tableClient(environment)
  try {
    await createTable(client)
  } catch (error) {
    // the error of a refused connection has no message
    const reason = errorMessage(error) || (error as Error).name
    throw new StartError([`no table at AWS_ENDPOINT_URL: ${reason}`], { cause: error })
  } finally {
    client.destroy()
  }
}

/** Keys and billing mode of the table in the stack. */
const TABLE_DEFINITION = {
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
} satisfies Omit<CreateTableCommandInput, 'TableName'>

async function tableStatus(client: DynamoDBClient, name: string): Promise<string | undefined> {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }))
    return Table?.TableStatus
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined
    throw error
  }
}

async function createIfMissing(client: DynamoDBClient, name: string): Promise<void> {
  try {
    await client.send(new CreateTableCommand({ TableName: name, ...TABLE_DEFINITION }))
  } catch (error) {
    // another process created it first
    if (!(error instanceof ResourceInUseException)) throw error
  }
}
