import type { IncomingHttpHeaders } from 'node:http'
import type { TableKey } from '#shared/adapters/dynamodb/table/keys.ts'

/** A record, or its key, as it goes over the wire. */
type WireRecord = Readonly<Record<string, { readonly S?: string; readonly N?: string; readonly B?: string }>>

/** What a batch asks of one table: records to write, or keys to read. */
type Batch =
  | readonly { readonly PutRequest: { readonly Item: WireRecord } }[]
  | { readonly Keys: readonly WireRecord[]; readonly ConsistentRead?: boolean }

/** The members of a request's body that decide about it. */
export interface RequestBody {
  readonly TableName?: string
  readonly Key?: WireRecord
  readonly Item?: WireRecord
  readonly ConditionExpression?: string
  readonly ExpressionAttributeValues?: WireRecord
  readonly ReturnValuesOnConditionCheckFailure?: string
  readonly RequestItems?: Readonly<Record<string, Batch>>
}

/** One request on its way to the table. */
export interface TableRequest {
  readonly operation: string
  readonly writes: boolean
  readonly body: RequestBody
  /** What it reads or writes, at least the keys; of a query the first key that it asks for. */
  readonly records: readonly WireRecord[]
  readonly keys: readonly TableKey[]
  /** Names the call of the SDK that it belongs to: its attempts share it. */
  readonly call: string
  /** Counted from one. */
  readonly attempt: number
}

const WRITES: readonly string[] = ['PutItem', 'UpdateItem', 'BatchWriteItem', 'DeleteItem']

/** Reads a request as the SDK sends it. */
export function tableRequest(headers: IncomingHttpHeaders, text: string): TableRequest {
  const operation = String(headers['x-amz-target']).split('.')[1] ?? ''
  const body = JSON.parse(text) as RequestBody
  const records = recordsOf(body)
  return {
    operation,
    writes: WRITES.includes(operation),
    body,
    records,
    keys: records.map(({ pk, sk }) => ({ pk: pk?.S ?? '', sk: sk?.S ?? '' })),
    call: String(headers['amz-sdk-invocation-id']),
    attempt: Number(/attempt=(\d+)/.exec(String(headers['amz-sdk-request']))?.[1] ?? 1),
  }
}

/** A batch cut in two: the first `count` of it, and the rest. */
export function cutBatch({ RequestItems = {} }: RequestBody, count: number) {
  const cut = (from: number, to?: number) =>
    Object.entries(RequestItems).map(([table, batch]): [string, Batch] => [
      table,
      'Keys' in batch ? { ...batch, Keys: batch.Keys.slice(from, to) } : batch.slice(from, to),
    ])
  return { first: Object.fromEntries(cut(0, count)), rest: Object.fromEntries(cut(count)) }
}

function recordsOf(body: RequestBody): readonly WireRecord[] {
  const { Key, Item, ExpressionAttributeValues: values, RequestItems } = body
  if (RequestItems) {
    return Object.values(RequestItems).flatMap((batch) =>
      'Keys' in batch ? batch.Keys : batch.map(({ PutRequest }) => PutRequest.Item),
    )
  }
  const single = Key ?? Item
  if (single) return [single]
  const [pk, sk] = [values?.[':pk'], values?.[':first']]
  return pk && sk ? [{ pk, sk }] : []
}
