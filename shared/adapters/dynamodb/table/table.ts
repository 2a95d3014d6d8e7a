import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { type AttributeInput, type Attributes, toAttributes } from './attributes.ts'
import type { TableKey } from './keys.ts'
import { FORMAT, TableReader } from './table-reader.ts'

/** A conditional write's end: done (with the new attributes where asked for), or refused by what is stored. */
export type ConditionalResult =
  | { readonly done: true; readonly attributes: Attributes }
  | { readonly done: false; readonly stored: Attributes | undefined }

/** One update, in the table's own expressions. */
export interface Update {
  readonly expression: string
  readonly condition?: string
  readonly names?: Readonly<Record<string, string>>
  readonly values?: { readonly [name: string]: AttributeInput | undefined }
}

/** The table with its writes: a refused condition is an answer, not an exception; anything else is thrown. */
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
    const marked = await this.update(key, {
      expression: 'SET invalidatedAt = :at',
      condition: 'attribute_exists(pk) AND checkedAt < :at',
      values: { ':at': at },
    })
    return marked.done
  }

  async remove(key: TableKey): Promise<void> {
    await this.client.send(new DeleteItemCommand({ TableName: this.name, Key: toAttributes({ ...key }) }))
  }

  /** The stored record comes with the refusal, or by a consistent read from engines that do not send it. */
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
