import type { AddressInfo } from 'node:net'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import dynalite from 'dynalite'
import type { Permission } from '#infra/definitions/permissions.ts'
import { accessKeyOf } from '#infra/local/aws/access-keys.ts'
import { LocalRoles } from '#infra/local/aws/roles.ts'
import { createTable, tableClient } from '#infra/local/table/create-table.ts'
import { RequestTracker } from '#infra/local/table/request-tracker.ts'

/** The embedded engine in memory, with tables of the product's shape. */
export interface DynaliteTable {
  readonly endpoint: string
  /** For the test itself, to arrange and to inspect: it may do everything. */
  readonly fullAccessClient: DynamoDBClient
  /** A client with the role of this function: `reads`, `watchdog`, `job-<id>`. */
  clientOf(functionName: string): DynamoDBClient
  /** Creates another empty table and gives its name. */
  create(): Promise<string>
  /** @throws when a role has denied a call since the last check, with the function, the action and the key */
  assertNothingDenied(): void
  /** @throws as {@link DynaliteTable.assertNothingDenied} does */
  close(): Promise<void>
}

/** @param permissions - of each function by its name; without them only the client with full access may call the table */
export async function dynaliteTable(
  permissions: ReadonlyMap<string, readonly Permission[]> = new Map(),
): Promise<DynaliteTable> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })
  const denied: string[] = []
  const onDenied = (message: string) => denied.push(message)
  new RequestTracker(new LocalRoles(permissions, { table: 'freshet-*', onDenied })).attach(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const clients: DynamoDBClient[] = []
  const open = (environment: Readonly<Record<string, string>>) => {
    const client = tableClient({ AWS_ENDPOINT_URL: endpoint, ...environment })
    clients.push(client)
    return client
  }
  const fullAccessClient = open({})
  const assertNothingDenied = () => {
    const messages = denied.splice(0)
    if (messages.length > 0)
      throw new Error(`expected roles that allow every call, got: ${[...new Set(messages)].join('; ')}`)
  }
  let tables = 0
  return {
    endpoint,
    fullAccessClient,
    clientOf: (functionName) => open({ AWS_ACCESS_KEY_ID: accessKeyOf(functionName) }),
    async create() {
      tables += 1
      const name = `freshet-${tables}`
      await createTable(fullAccessClient, name)
      return name
    },
    assertNothingDenied,
    close: async () => {
      for (const client of clients) client.destroy()
      await new Promise<void>((resolve, reject) =>
        server.close((error?: Error) => (error ? reject(error) : resolve())),
      )
      assertNothingDenied()
    },
  }
}
