import type { AddressInfo } from 'node:net'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import dynalite from 'dynalite'
import { createTable } from '#infra/local/table/create-table.ts'

/** The embedded engine in memory, with tables of the product's shape. */
export interface DynaliteTable {
  readonly endpoint: string
  readonly client: DynamoDBClient
  /** Creates another empty table and gives its name. */
  create(): Promise<string>
  close(): Promise<void>
}

export async function dynaliteTable(): Promise<DynaliteTable> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = new DynamoDBClient({
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  let tables = 0
  return {
    endpoint,
    client,
    async create() {
      tables += 1
      const name = `freshet-${tables}`
      await createTable(client, name)
      return name
    },
    close: async () => {
      client.destroy()
      await new Promise<void>((resolve, reject) =>
        server.close((error?: Error) => (error ? reject(error) : resolve())),
      )
    },
  }
}
