import type { RequestBody, TableRequest } from '#test/fakes/table/table-messages.ts'

/** One record as a request wrote it. */
export interface Written {
  readonly pk: string
  readonly sk: string
  readonly operation: string
  readonly isConditional: boolean
  readonly fence?: string | undefined
  /** Size of the finished body, as it is stored. */
  readonly bytes: number
}

/** The records that requests wrote, in order. What is written of upstreams belongs to all jobs, and is left out. */
export function written(requests: readonly TableRequest[]): readonly Written[] {
  return requests
    .filter(({ writes }) => writes)
    .flatMap(({ operation, body, records }) =>
      records.map((record) => ({
        pk: record['pk']?.S ?? '',
        sk: record['sk']?.S ?? '',
        operation,
        isConditional: body.ConditionExpression !== undefined,
        fence: fenceOf(body),
        bytes: Buffer.byteLength(record['body']?.B ?? '', 'base64'),
      })),
    )
    .filter(({ pk }) => !pk.startsWith('upstream#'))
}

/** The pages of snapshots among them. */
export function pages(requests: readonly TableRequest[]): readonly Written[] {
  return written(requests).filter(({ sk }) => sk.startsWith('page#'))
}

/** What was published, as key and fence: the same twice is one publisher too many (I4). */
export function publications(requests: readonly TableRequest[]): readonly string[] {
  return written(requests).flatMap(({ pk, sk, fence }) =>
    fence === undefined ? [] : [`${pk} ${sk} ${fence}`],
  )
}

function fenceOf({ Item, ExpressionAttributeValues: values }: RequestBody): string | undefined {
  return (Item?.['fence'] ?? values?.[':fence'])?.N
}
