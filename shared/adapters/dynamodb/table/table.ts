import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { type AttributeInput, type Attributes, toAttributes } from './attributes.ts'
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
}

/** The table with its writes. A failed condition is a result; any other error is thrown. */
export class Table extends TableReader {
  async put(
    key: TableKey,
    record: { readonly [name: string]: AttributeInput | undefined },
    condition?: Omit<Update, 'expression'>,
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

function conditionInput(update: Omit<Update, 'expression'> | undefined) {
  if (!update) return {}
  return {
    ...(update.condition === undefined
      ? {}
      : { ConditionExpression: update.condition, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const }),
    ...(update.names ? { ExpressionAttributeNames: { ...update.names } } : {}),
    ...(update.values ? { ExpressionAttributeValues: toAttributes(update.values) } : {}),
  }
}

/**
 * The condition of a compare-and-swap on `revision`: the stored revision is the one before `revision`, and none is stored
 * before the first.
 */
export function revisionCondition(revision: number): Omit<Update, 'expression'> {
  return revision === 1
    ? { condition: 'attribute_not_exists(revision)' }
    : { condition: 'revision = :from', values: { ':from': revision - 1 } }
}
