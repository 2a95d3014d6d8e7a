import type { IncomingHttpHeaders } from 'node:http'
import type { TableKey } from '#shared/adapters/dynamodb/table/keys.ts'
import type { WireResponse } from '#test/support/http/exchange.ts'

/** A record, or its key, as it goes over the wire. */
type WireRecord = Readonly<Record<string, { readonly S?: string; readonly N?: string; readonly B?: string }>>

/** One write of a batch: a record, or the key of one to delete. */
type BatchWrite =
  | { readonly PutRequest: { readonly Item: WireRecord } }
  | { readonly DeleteRequest: { readonly Key: WireRecord } }

/** What a batch asks of one table: writes, or keys to read. */
type Batch =
  | readonly BatchWrite[]
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
      'Keys' in batch
        ? batch.Keys
        : batch.map((write) => ('PutRequest' in write ? write.PutRequest.Item : write.DeleteRequest.Key)),
    )
  }
  const single = Key ?? Item
  if (single) return [single]
  const [pk, sk] = [values?.[':pk'], values?.[':first']]
  return pk && sk ? [{ pk, sk }] : []
}

/** What the table may refuse a request with. */
export type DynamoFault =
  | 'ProvisionedThroughputExceededException'
  | 'ThrottlingException'
  | 'InternalServerError'
  | 'AccessDeniedException'

/** An error of the table, by its name. */
export function errorResponse(name: DynamoFault): WireResponse {
  const body = { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'simulated' }
  return {
    ...emptyResponse(),
    status: name === 'InternalServerError' ? 500 : 400,
    body: Buffer.from(JSON.stringify(body)),
  }
}

/** An empty answer. */
export function emptyResponse(): WireResponse {
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: Buffer.from('{}') }
}

/** The same answer with further members. */
export function withMembers(answer: WireResponse, members: object): WireResponse {
  const { 'content-length': _length, 'x-amz-crc32': _sum, ...headers } = answer.headers
  const body = { ...(JSON.parse(answer.body.toString()) as object), ...members }
  return { ...answer, headers, body: Buffer.from(JSON.stringify(body)) }
}

/** Whether a condition did not hold. */
export function isConditionFailure({ status, body }: WireResponse): boolean {
  return status === 400 && body.includes('#ConditionalCheckFailedException')
}
