import { type AwsCall, tableArn } from '../aws/roles.ts'
import { parseObject } from '../host/files.ts'

type Attributes = Readonly<Record<string, { readonly S?: string } | undefined>>

interface BatchWrite {
  readonly PutRequest?: { readonly Item?: Attributes }
  readonly DeleteRequest?: { readonly Key?: Attributes }
}

/** Keys to read, or writes, of one table. */
type BatchItems = { readonly Keys?: readonly (Attributes | null)[] } | readonly (BatchWrite | null)[]

/** The members of requests that name partition keys. */
interface TableRequest {
  readonly TableName?: string
  readonly Key?: Attributes
  readonly Item?: Attributes
  readonly KeyConditionExpression?: string
  readonly ExpressionAttributeValues?: Attributes
  readonly RequestItems?: Readonly<Record<string, BatchItems | null>>
}

/**
 * The calls of one request to DynamoDB: of a batch one for each table, with all of its partition keys. A request whose
 * keys cannot be read has none, and no statement with a condition on them allows it.
 *
 * @param target - `X-Amz-Target`: `DynamoDB_20120810.GetItem`
 * @param body - JSON
 */
export function tableCalls(target: string, body: string): readonly AwsCall[] {
  const action = `dynamodb:${target.split('.')[1] ?? ''}`
  // the engine refuses what is no object
  const request: TableRequest = parseObject(body) ?? {}
  if (request.RequestItems)
    return Object.entries(request.RequestItems).map(([table, items]) => ({
      action,
      resource: tableArn(table),
      leadingKeys: batchKeys(items),
    }))
  return [{ action, resource: tableArn(request.TableName ?? ''), leadingKeys: [keyOf(request)] }]
}

/** A key that cannot be read: no pattern of a partition key matches it. */
const UNKNOWN_KEY = ''

function keyOf({ Key, Item, KeyConditionExpression, ExpressionAttributeValues }: TableRequest): string {
  const name = /(?:^|\s)pk\s*=\s*(:\w+)/.exec(KeyConditionExpression ?? '')?.[1]
  const value = name === undefined ? (Key ?? Item)?.['pk'] : ExpressionAttributeValues?.[name]
  return value?.S ?? UNKNOWN_KEY
}

function batchKeys(items: BatchItems | null): readonly string[] {
  const keys = isWrites(items)
    ? items.map((write) => write?.PutRequest?.Item ?? write?.DeleteRequest?.Key)
    : (items?.Keys ?? [])
  return keys.map((key) => key?.['pk']?.S ?? UNKNOWN_KEY)
}

function isWrites(items: BatchItems | null): items is readonly (BatchWrite | null)[] {
  return Array.isArray(items)
}
