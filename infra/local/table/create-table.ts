import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb'
import { StartError } from '../host/lifecycle.ts'

/** The one table of the system on this machine. */
export const TABLE = 'freshet'

const POLL_MS = 20
const TABLE_READY_TIMEOUT_MS = 30_000

/**
 * A client of the table, from the variables that functions are given too.
 *
 * @param environment - `AWS_ENDPOINT_URL_DYNAMODB` or `AWS_ENDPOINT_URL`, region and credentials; dummies unless said
 */
export function tableClient(environment: Readonly<Record<string, string>>): DynamoDBClient {
  const endpoint = environment['AWS_ENDPOINT_URL_DYNAMODB'] ?? environment['AWS_ENDPOINT_URL']
  const sessionToken = environment['AWS_SESSION_TOKEN']
  return new DynamoDBClient({
    ...(endpoint === undefined ? {} : { endpoint }),
    region: environment['AWS_REGION'] ?? 'eu-central-1',
    credentials: {
      accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? 'local',
      secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? 'local',
      ...(sessionToken === undefined ? {} : { sessionToken }),
    },
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
  })
}

/**
 * Makes the table where it is missing and waits until it can be used.
 *
 * @throws when the endpoint cannot be reached, refuses, or does not get the table ready within 30 s
 */
export async function createTable(client: DynamoDBClient, name = TABLE): Promise<void> {
  let status = await tableStatus(client, name)
  if (status === undefined) await createIfMissing(client, name)
  for (
    const end = performance.now() + TABLE_READY_TIMEOUT_MS;
    status !== 'ACTIVE';
    status = await tableStatus(client, name)
  ) {
    if (performance.now() > end) throw new Error(`expected table ${name} to become ACTIVE, got ${status}`)
    await sleep(POLL_MS)
  }
}

/**
 * Makes the table at the operator's own endpoint, where it is missing.
 *
 * @throws {StartError} when the endpoint cannot be reached or refuses
 */
export async function createTableAt(environment: Readonly<Record<string, string>>): Promise<void> {
  const client = tableClient(environment)
  try {
    await createTable(client)
  } catch (error) {
    const reason = error instanceof Error ? error.message || error.name : String(error)
    throw new StartError([`no table at AWS_ENDPOINT_URL: ${reason}`], { cause: error })
  } finally {
    client.destroy()
  }
}

/** Keys and billing of the table, as the stack has them. */
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
    await client.send(
      new CreateTableCommand({
        TableName: name,
        ...TABLE_DEFINITION,
      }),
    )
  } catch (error) {
    // somebody else was faster
    if (!(error instanceof ResourceInUseException)) throw error
  }
}
