import {
  DynamoDBClient,
  type DynamoDBClientConfig,
  GetItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb'
import { defined } from '#shared/domain/defined.ts'
import { AWS_TIMEOUTS } from '../../aws-timeouts.ts'
import { type Attributes, toAttributes } from './attributes.ts'
import type { TableKey } from './keys.ts'

/** Version of the stored format. A new one is read one release before it is written. */
export const FORMAT = 1

/** The read-only half of the table: the reads function bundles nothing else. Errors of the table are thrown. */
export class TableReader {
  readonly client: DynamoDBClient
  readonly name: string
  readonly #unreadable: (description: string) => void

  /** @param unreadable - called for each record that cannot be decoded or has another format */
  constructor(client: DynamoDBClient, name: string, unreadable: (description: string) => void) {
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

  /** All records between two sort keys (inclusive), in ascending order or newest first. */
  async query(
    pk: string,
    range: { first: string; last: string },
    options: { newestFirst?: boolean; limit?: number } = {},
  ): Promise<Attributes[]> {
    const records: Attributes[] = []
    let start: Attributes | undefined
    do {
      const page = await this.client.send(
        new QueryCommand({
          TableName: this.name,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
          ExpressionAttributeValues: toAttributes({ ':pk': pk, ':first': range.first, ':last': range.last }),
          ScanIndexForward: !options.newestFirst,
          ...defined({ Limit: options.limit, ExclusiveStartKey: start }),
        }),
      )
      records.push(...(page.Items ?? []))
      start = page.LastEvaluatedKey
    } while (start && (options.limit === undefined || records.length < options.limit))
    return records.slice(0, options.limit)
  }

  /** The decoded records of a {@link query}, without those that cannot be decoded. */
  async list<T>(
    pk: string,
    range: { first: string; last: string },
    read: (attributes: Attributes) => T,
    options: { newestFirst?: boolean; limit?: number } = {},
  ): Promise<T[]> {
    const records = await this.query(pk, range, options)
    return records
      .map((attributes) => this.decode({ pk, sk: attributes['sk']?.S ?? '' }, attributes, read))
      .filter((record) => record !== undefined)
  }

  /** Decodes a record. One of another format, or for which `read` throws, counts as absent and is reported. */
  decode<T>(
    key: TableKey,
    attributes: Attributes | undefined,
    read: (attributes: Attributes) => T,
  ): T | undefined {
    if (attributes === undefined) return undefined
    try {
      if (attributes['v']?.N === String(FORMAT)) return read(attributes)
      this.reportUnreadable(key, `expected format ${FORMAT}, got ${attributes['v']?.N ?? 'none'}`)
    } catch (error) {
      this.reportUnreadable(key, String(error))
    }
    return undefined
  }

  /** Reports a record, or a part of one, that cannot be decoded. */
  reportUnreadable({ pk, sk }: TableKey, flaw: string): void {
    this.#unreadable(`${pk} ${sk}: ${flaw}`)
  }
}

/**
 * The client of a function's table, without the SDK's log middleware: that copies each response member by member for a
 * logger that is not configured, which is a third of the cost of reading a batch.
 *
 * @param maxAttempts - attempts per call, the first included
 */
export function dynamoClient(maxAttempts: number, config: DynamoDBClientConfig = {}): DynamoDBClient {
  const client = new DynamoDBClient({ ...AWS_TIMEOUTS, ...config, maxAttempts })
  if (client.middlewareStack.remove('loggerMiddleware')) return client
  throw new TypeError('expected the client to have a middleware named loggerMiddleware')
}
