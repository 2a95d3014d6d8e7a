import {
  DynamoDBClient,
  type DynamoDBClientConfig,
  GetItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb'
import { AWS_TIMEOUTS } from '../../aws-timeouts.ts'
import { type Attributes, toAttributes } from './attributes.ts'
import type { TableKey } from './keys.ts'

/** Version of the stored format. A new one is read one release before it is written. */
export const FORMAT = 1

/** The reading half of the table: all that the reads function bundles. Whatever the table reports is thrown. */
export class TableReader {
  readonly client: DynamoDBClient
  readonly name: string
  readonly #unreadable: (what: string) => void

  /** @param unreadable - told of each record that cannot be decoded or has another format */
  constructor(client: DynamoDBClient, name: string, unreadable: (what: string) => void) {
    this.client = client
    this.name = name
    this.#unreadable = unreadable
  }

  async get(key: TableKey, consistent: boolean): Promise<Attributes | undefined> {
    const command = new GetItemCommand({
      TableName: this.name,
      Key: toAttributes({ ...key }),
      ConsistentRead: consistent,
    })
    return (await this.client.send(command)).Item
  }

  /** All records between two sort keys, both included, in order or newest first. */
  async query(
    pk: string,
    range: { first: string; last: string },
    options: { newestFirst?: boolean; limit?: number } = {},
  ): Promise<Attributes[]> {
    const found: Attributes[] = []
    let start: Attributes | undefined
    do {
      const page = await this.client.send(
        new QueryCommand({
          TableName: this.name,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
          ExpressionAttributeValues: toAttributes({ ':pk': pk, ':first': range.first, ':last': range.last }),
          ScanIndexForward: !options.newestFirst,
          ...(options.limit === undefined ? {} : { Limit: options.limit }),
          ...(start ? { ExclusiveStartKey: start } : {}),
        }),
      )
      found.push(...(page.Items ?? []))
      start = page.LastEvaluatedKey
    } while (start && (options.limit === undefined || found.length < options.limit))
    return found.slice(0, options.limit)
  }

  /** Decodes a record; one of another format, or whose members `read` cannot read, counts as absent and is told of. */
  decode<T>(
    key: TableKey,
    attributes: Attributes | undefined,
    read: (attributes: Attributes) => T,
  ): T | undefined {
    if (attributes === undefined) return undefined
    try {
      if (attributes['v']?.N === String(FORMAT)) return read(attributes)
      this.#unreadable(`${key.pk} ${key.sk}: expected format ${FORMAT}, got ${attributes['v']?.N ?? 'none'}`)
    } catch (error) {
      this.#unreadable(`${key.pk} ${key.sk}: ${error}`)
    }
    return undefined
  }
}

/**
 * The client of a function's table. It goes without the SDK's log middleware, which copies each answer member by member
 * for a logger that nobody gives: a third of what a batch of answers costs its reader.
 *
 * @param maxAttempts - of one call
 */
export function dynamoClient(maxAttempts: number, config: DynamoDBClientConfig = {}): DynamoDBClient {
  const client = new DynamoDBClient({ ...AWS_TIMEOUTS, ...config, maxAttempts })
  if (client.middlewareStack.remove('loggerMiddleware')) return client
  throw new TypeError('expected the client to have a middleware named loggerMiddleware')
}
