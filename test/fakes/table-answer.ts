import type { WireResponse } from '#test/support/exchange.ts'

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
