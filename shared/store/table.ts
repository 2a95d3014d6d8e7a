import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { type Attributes, type Plain, toAttributes } from './attributes.ts'
import type { TableKey } from './keys.ts'

/** Version of the stored format. A new one is read one release before it is written. */
export const FORMAT = 1

/** A conditional write's end: done (with the new attributes where asked for), or refused by what is stored. */
export type Conditional =
  | { readonly done: true; readonly attributes: Attributes }
  | { readonly done: false; readonly stored: Attributes | undefined }

export interface Update {
  readonly expression: string
  readonly condition?: string
  readonly names?: Readonly<Record<string, string>>
  readonly values?: { readonly [name: string]: Plain | undefined }
}

/**
 * The few operations that the store is made of, over one table. A refused condition is an answer, not an exception;
 * anything else that the table reports is thrown.
 */
export class Table {
  readonly #client: DynamoDBClient
  readonly #name: string
  readonly #unreadable: (what: string) => void

  /** @param unreadable - told of each record that cannot be decoded or has another format */
  constructor(client: DynamoDBClient, name: string, unreadable: (what: string) => void) {
    this.#client = client
    this.#name = name
    this.#unreadable = unreadable
  }

  get name(): string {
    return this.#name
  }

  get client(): DynamoDBClient {
    return this.#client
  }

  async get(key: TableKey, consistent: boolean): Promise<Attributes | undefined> {
    const command = new GetItemCommand({
      TableName: this.#name,
      Key: toAttributes({ ...key }),
      ConsistentRead: consistent,
    })
    return (await this.#client.send(command)).Item
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
      const page = await this.#client.send(
        new QueryCommand({
          TableName: this.#name,
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

  async put(
    key: TableKey,
    record: { readonly [name: string]: Plain | undefined },
    condition?: Omit<Update, 'expression'>,
  ): Promise<Conditional> {
    const command = new PutItemCommand({
      TableName: this.#name,
      Item: toAttributes({ ...record, ...key, v: FORMAT }),
      ...conditionOf(condition),
    })
    return this.#conditional(key, async () => {
      await this.#client.send(command)
      return {}
    })
  }

  async update(key: TableKey, update: Update): Promise<Conditional> {
    const command = new UpdateItemCommand({
      TableName: this.#name,
      Key: toAttributes({ ...key }),
      UpdateExpression: update.expression,
      ReturnValues: 'ALL_NEW',
      ...conditionOf(update),
    })
    return this.#conditional(key, async () => (await this.#client.send(command)).Attributes ?? {})
  }

  /** Decodes a record; one of another format, or with a member missing, counts as absent and is told of. */
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
      if (!(error instanceof TypeError)) throw error
      this.#unreadable(`${key.pk} ${key.sk}: ${error.message}`)
    }
    return undefined
  }

  /** The stored record comes with the refusal, or by a consistent read from engines that do not send it. */
  async #conditional(key: TableKey, write: () => Promise<Attributes>): Promise<Conditional> {
    try {
      return { done: true, attributes: await write() }
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error
      return { done: false, stored: error.Item ?? (await this.get(key, true)) }
    }
  }
}

function conditionOf(update: Omit<Update, 'expression'> | undefined) {
  if (!update) return {}
  return {
    ...(update.condition === undefined
      ? {}
      : { ConditionExpression: update.condition, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const }),
    ...(update.names ? { ExpressionAttributeNames: { ...update.names } } : {}),
    ...(update.values ? { ExpressionAttributeValues: toAttributes(update.values) } : {}),
  }
}
