import type { ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { SYSTEM_ACCESS_KEY } from '#infra/local/aws/access-keys.ts'
import { sendRequest, type WireResponse } from '#test/support/http/exchange.ts'
import { listenHttp } from '#test/support/http/sockets.ts'
import {
  cutBatch,
  type DynamoFault,
  emptyResponse,
  errorResponse,
  isConditionFailure,
  type RequestBody,
  type TableRequest,
  tableRequest,
  withMembers,
} from './table-messages.ts'

/**
 * What becomes of one request. `lost`: done, and the connection cut before the answer; `reset`: cut before anything is
 * done; `hang`: neither done nor answered; `stall`: done, and the answer stops in its middle; `error`: refused by that
 * name; `only`: so many of a batch are done, the rest left unprocessed; `lateMs`: done, and answered so much later;
 * `after`: cut, yet on its way, and done only then.
 */
export type WireFault =
  | 'pass'
  | 'lost'
  | 'reset'
  | 'hang'
  | 'stall'
  | { readonly error: DynamoFault }
  | { readonly only: number }
  | { readonly lateMs: number }
  | { readonly after: Promise<void> }

/** Decides about each request. */
export type WireScript = (request: TableRequest) => WireFault

/** The embedded engine at the end of a wire on which anything may happen. */
export interface UnreliableTable {
  readonly endpoint: string
  /** Every request so far, in order of arrival. */
  readonly requests: readonly TableRequest[]
  /** Those that the engine did. */
  readonly done: readonly TableRequest[]
  script(next: WireScript): void
  /** Waits until every request so far has met its fate. */
  settled(): Promise<unknown>
}

type EngineRequest = (
  operation: string,
  body: RequestBody,
  headers?: Readonly<Record<string, string>>,
) => Promise<WireResponse>

/** Of a request that the table itself makes: the role of the caller does not have to allow it. */
const FULL_ACCESS = {
  authorization: `AWS4-HMAC-SHA256 Credential=${SYSTEM_ACCESS_KEY}/, SignedHeaders=host, Signature=0`,
}

/**
 * A wire for the length of one test.
 *
 * @param sendsStored - whether a refused condition carries the stored record when asked to, as AWS does: the embedded
 *   engine never does
 */
export async function unreliableTable(engine: string, sendsStored: boolean): Promise<UnreliableTable> {
  const requests: TableRequest[] = []
  const done: TableRequest[] = []
  const underWay: Promise<void>[] = []
  let script: WireScript = () => 'pass'

  const endpoint = await listenHttp(async (incoming, response) => {
    const request = tableRequest(incoming.headers, await text(incoming))
    const ask: EngineRequest = (operation, body, more) => {
      const { 'content-length': _length, ...signed } = incoming.headers
      const headers = { ...signed, 'x-amz-target': `DynamoDB_20120810.${operation}`, ...more }
      return sendRequest(engine, '/', { method: 'POST', headers, body: JSON.stringify(body) })
    }
    const act = async (body: RequestBody) => {
      const answer = await ask(request.operation, body)
      if (answer.status === 200) done.push(request)
      return sendsStored && isConditionFailure(answer) ? addStoredItem(answer, body, ask) : answer
    }
    requests.push(request)
    underWay.push(applyFault(script(request), request, act, response))
  })
  return {
    endpoint,
    requests,
    done,
    script: (next) => {
      script = next
    },
    settled: () => Promise.all(underWay),
  }
}

async function applyFault(
  fate: WireFault,
  { operation, body }: TableRequest,
  act: (body: RequestBody) => Promise<WireResponse>,
  response: ServerResponse,
): Promise<void> {
  if (fate === 'hang') return
  if (fate === 'reset') return cutConnection(response)
  if (typeof fate === 'object' && 'error' in fate) return send(response, errorResponse(fate.error))
  if (typeof fate === 'object' && 'only' in fate) {
    const { first, rest } = cutBatch(body, fate.only)
    const answer = fate.only === 0 ? emptyResponse() : await act({ ...body, RequestItems: first })
    const left = operation === 'BatchGetItem' ? { UnprocessedKeys: rest } : { UnprocessedItems: rest }
    return send(response, withMembers(answer, left))
  }
  if (typeof fate === 'object' && 'after' in fate) {
    cutConnection(response)
    await fate.after
    await act(body)
    return
  }
  const answer = await act(body)
  if (fate === 'lost') return cutConnection(response)
  if (fate === 'stall') {
    response.writeHead(answer.status, answer.headers).write(answer.body.subarray(0, answer.body.length / 2))
    return
  }
  if (typeof fate === 'object') await sleep(fate.lateMs)
  send(response, answer)
}

function cutConnection({ socket }: ServerResponse): void {
  socket?.resetAndDestroy()
}

function send(response: ServerResponse, { status, headers, body }: WireResponse): void {
  response.writeHead(status, headers).end(body)
}

async function addStoredItem(
  answer: WireResponse,
  body: RequestBody,
  ask: EngineRequest,
): Promise<WireResponse> {
  const { TableName = '', Key, Item, ReturnValuesOnConditionCheckFailure: returnValues } = body
  if (returnValues !== 'ALL_OLD') return answer
  const [pk, sk] = [(Key ?? Item)?.['pk'], (Key ?? Item)?.['sk']]
  if (!pk || !sk) throw new TypeError('expected the key of a conditional write')
  const read = await ask('GetItem', { TableName, Key: { pk, sk } }, FULL_ACCESS)
  return withMembers(answer, JSON.parse(read.body.toString()) as object)
}
