import type { ServerResponse } from 'node:http'
import { assertNever } from '#shared/domain/errors.ts'
import { DATA_SOURCE_HEADER } from '#shared/engine/fetch/attempt.ts'
import type { Fault } from './fault.ts'
import type { SimulatedResponse } from './provider.ts'

/**
 * Sends an answer as far as the fault lets it come. Whatever is sent says that it is recorded. Faults of the content
 * are delivered whole: they are in the answer already.
 */
export function sendWithFault(
  response: ServerResponse,
  { status, headers, body }: SimulatedResponse,
  fault: Fault | undefined,
): void {
  const bytes = response.req.method === 'HEAD' ? Buffer.alloc(0) : Buffer.from(body)
  const begin = () =>
    response.writeHead(status, {
      ...headers,
      'content-length': Buffer.byteLength(body),
      [DATA_SOURCE_HEADER]: 'simulated',
    })
  switch (fault?.kind) {
    case 'reset':
      response.socket?.resetAndDestroy()
      return
    case 'cut':
      begin().write(bytes.subarray(0, Math.max(1, Math.floor(fault.share * bytes.length))), () =>
        response.socket?.resetAndDestroy(),
      )
      return
    case 'hang':
      return
    case 'late':
      clearOnClose(
        response,
        setTimeout(() => begin().end(bytes), fault.byMs),
      )
      return
    case 'trickle':
      begin().flushHeaders()
      trickle(response, bytes, fault.everyMs)
      return
    case undefined:
    case 'status':
    case 'rate-limited':
    case 'html':
    case 'empty':
    case 'truncated':
    case 'drift':
    case 'absurd':
    case 'older':
      begin().end(bytes)
      return
    default:
      assertNever(fault)
  }
}

function trickle(response: ServerResponse, bytes: Buffer, everyMs: number): void {
  let sent = 0
  const timer = setInterval(() => {
    response.write(bytes.subarray(sent, sent + 1))
    sent += 1
    if (sent < bytes.length) return
    clearInterval(timer)
    response.end()
  }, everyMs)
  clearOnClose(response, timer)
}

/** Nobody waits any more once the connection is closed. */
function clearOnClose(response: ServerResponse, timer: NodeJS.Timeout): void {
  response.on('close', () => clearTimeout(timer))
}
