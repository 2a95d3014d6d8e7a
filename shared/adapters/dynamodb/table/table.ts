import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { type AttributeInput, type Attributes, isTombstone, toAttributes } from './attributes.ts'
import type { TableKey } from './keys.ts'
import { FORMAT, TableReader } from './table-reader.ts'

/** The result of a conditional write: done (an update returns the new attributes), or refused because of `stored`. */
export type ConditionalResult =
  | { readonly done: true; readonly attributes: Attributes }
  | { readonly done: false; readonly stored: Attributes | undefined }

/** One update, in DynamoDB's expression language. */
export interface Update {
  readonly expression: string
  readonly condition?: string
  readonly names?: Readonly<Record<string, string>>
  readonly values?: { readonly [name: string]: AttributeInput | undefined }
  /** Values as they are stored. */
  readonly attributeValues?: Attributes
}

type Condition = Omit<Update, 'expression'>

/** The table with its writes. A failed condition is a result; any other error is thrown. */
export class Table extends TableReader {
  async put(
    key: TableKey,
    record: { readonly [name: string]: AttributeInput | undefined },
    condition?: Condition,
  ): Promise<ConditionalResult> {
    const command = new PutItemCommand({
      TableName: this.name,
      Item: toAttributes({ ...record, ...key, v: FORMAT }),
      ...conditionInput(condition),
    })
    return this.#conditional(key, async () => {
      await this.client.send(command)
      return {}
    })
  }

  /**
   * A conditional put for which a stored record that cannot be decoded counts as absent, whatever it holds. Such a record
   * is replaced only as it was read: one that another process has written meanwhile stays. What was purged is no such record.
   *
   * @returns when refused, the record that is stored, decoded and as attributes
   */
  async putOrReplace<T>(
    key: TableKey,
    record: { readonly [name: string]: AttributeInput | undefined },
    condition: Condition,
    read: (attributes: Attributes) => T,
  ): Promise<
    | { readonly done: true }
    | { readonly done: false; readonly stored: T | undefined; readonly attributes: Attributes | undefined }
  > {
    const first = await this.put(key, record, condition)
    if (first.done) return first
    const { stored: attributes } = first
    const stored = this.decode(key, attributes, read)
    if (stored !== undefined || !attributes || isTombstone(attributes))
      return { done: false, stored, attributes }
    const second = await this.put(key, record, sameRecordCondition(attributes))
    if (second.done) return second
    return { done: false, stored: this.decode(key, second.stored, read), attributes: second.stored }
  }

  async update(key: TableKey, update: Update): Promise<ConditionalResult> {
    const command = new UpdateItemCommand({
      TableName: this.name,
      Key: toAttributes({ ...key }),
      UpdateExpression: update.expression,
      ReturnValues: 'ALL_NEW',
      ...conditionInput(update),
    })
    return this.#conditional(key, async () => (await this.client.send(command)).Attributes ?? {})
  }

  /** Marks a publication as stale, if it was checked before. */
  async markStale(key: TableKey, at: number): Promise<boolean> {
    const result = await this.update(key, {
      expression: 'SET invalidatedAt = :at',
      condition: 'attribute_exists(pk) AND checkedAt < :at',
      values: { ':at': at },
    })
    return result.done
  }

  async remove(key: TableKey): Promise<void> {
    await this.client.send(new DeleteItemCommand({ TableName: this.name, Key: toAttributes({ ...key }) }))
  }

  /** A failed condition returns the stored record; engines that omit it need a consistent read. */
  async #conditional(key: TableKey, write: () => Promise<Attributes>): Promise<ConditionalResult> {
    try {
      return { done: true, attributes: await write() }
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error
      return { done: false, stored: error.Item ?? (await this.get(key, true)) }
    }
  }
}

/** Attributes of which every publication changes one. */
const IDENTITY = ['v', 'fence', 'runId', 'version', 'etag', 'checksum', 'fetchedAt', 'checkedAt', 'expiresAt']

/** The condition that a record is still the one that was read. */
function sameRecordCondition(stored: Attributes): Condition {
  const names = Object.fromEntries(IDENTITY.map((name) => [`#${name}`, name]))
  const present = IDENTITY.filter((name) => stored[name] !== undefined)
  const clauses = IDENTITY.map((name) =>
    present.includes(name) ? `#${name} = :${name}` : `attribute_not_exists(#${name})`,
  )
  const attributeValues = Object.fromEntries(
    present.map((name) => [`:${name}`, stored[name] as AttributeValue]),
  )
  return { condition: `attribute_exists(pk) AND ${clauses.join(' AND ')}`, names, attributeValues }
}

function conditionInput(update: Condition | undefined) {
  if (!update) return {}
  const values = update.values ? toAttributes(update.values) : update.attributeValues
  return {
    ...(update.condition === undefined
      ? {}
      : { ConditionExpression: update.condition, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const }),
    ...(update.names ? { ExpressionAttributeNames: { ...update.names } } : {}),
    ...(values ? { ExpressionAttributeValues: values } : {}),
  }
}

/**
 * The condition of a compare-and-swap on `revision`: the stored revision is the one before `revision`, and none is stored
 * before the first.
 */
export function revisionCondition(revision: number): Condition {
  return revision === 1
    ? { condition: 'attribute_not_exists(revision)' }
    : { condition: 'revision = :from', values: { ':from': revision - 1 } }
}
