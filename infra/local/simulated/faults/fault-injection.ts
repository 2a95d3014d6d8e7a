import type { ServerResponse } from 'node:http'
import { assertNever } from '#shared/domain/errors.ts'
import { isJson } from '#shared/domain/json.ts'
import { DATA_SOURCE_HEADER } from '#shared/engine/fetch/attempt.ts'
import { jsonResponse, type SimulatedResponse } from '../model/provider.ts'
import type { Fault } from './fault.ts'

/** Smaller whole numbers are counts and times in seconds; amounts are larger or have a fraction. */
const SMALLEST_WHOLE_AMOUNT = 1e10

const CHAOS_BODY = { error: 'injected by the chaos profile' }

const HTML_PAGE = '<!doctype html><title>Just a moment...</title><h1>Checking your browser</h1>'

/**
 * Applies a fault of the content to a response. Pure. A body that is not JSON has no members to change. Faults of the delivery do not change it, nor does `older`,
 * for which the caller already made an earlier response.
 */
export function distortResponse(response: SimulatedResponse, fault: Fault): SimulatedResponse {
  switch (fault.kind) {
    case 'status':
      return jsonResponse(fault.status, CHAOS_BODY)
    case 'rate-limited': {
      const limited = jsonResponse(429, CHAOS_BODY)
      return { ...limited, headers: { ...limited.headers, 'retry-after': String(fault.retryAfterS) } }
    }
    case 'html':
      return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: HTML_PAGE }
    case 'empty':
      return jsonResponse(200, {})
    case 'truncated':
      return { ...response, body: response.body.slice(0, Math.floor(fault.share * response.body.length)) }
    case 'drift':
      return { ...response, body: ofJson(response.body, (body) => withoutOneMember(body, fault.share)) }
    case 'absurd':
      return { ...response, body: ofJson(response.body, (body) => withEveryAmount(body, fault.amount)) }
    case 'older':
    case 'reset':
    case 'cut':
    case 'hang':
    case 'late':
    case 'trickle':
      return response
    default:
      return assertNever(fault)
  }
}

function ofJson(body: string, change: (body: string) => string): string {
  return isJson(body) ? change(body) : body
}

/** Returns a body without members unchanged. */
function withoutOneMember(body: string, share: number): string {
  const value: unknown = JSON.parse(body)
  const members = allMembers(value)
  const missing = members[Math.floor(share * members.length)]
  if (missing) delete missing.object[missing.name]
  return JSON.stringify(value)
}

interface Member {
  readonly object: Record<string, unknown>
  readonly name: string
}

/** The members of all nested objects, outer ones first. */
function allMembers(value: unknown): readonly Member[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap(allMembers)
  const object = value as Record<string, unknown>
  return Object.entries(object).flatMap(([name, inside]) => [{ object, name }, ...allMembers(inside)])
}

function withEveryAmount(body: string, amount: number): string {
  return JSON.stringify(JSON.parse(body), (_, value: unknown) => (isAmount(value) ? amount : value))
}

function isAmount(value: unknown): boolean {
  if (typeof value !== 'number') return false
  return !Number.isInteger(value) || Math.abs(value) >= SMALLEST_WHOLE_AMOUNT
}

/**
 * Sends a response with a fault of its delivery; one with a fault of its content is sent completely. Every response has
 * the header `X-Data-Source: simulated`.
 */
export function sendWithFault(
  response: ServerResponse,
  { status, headers, body, delayMs = 0 }: SimulatedResponse,
  fault: Fault | undefined,
): void {
  const bytes = response.req.method === 'HEAD' ? Buffer.alloc(0) : Buffer.from(body)
  const begin = () =>
    response.writeHead(status, {
      ...headers,
      'content-length': Buffer.byteLength(body),
      // by the clock of this process, which a test may set ahead; the server's own header is not
      date: new Date().toUTCString(),
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
      later(response, delayMs + fault.byMs, () => begin().end(bytes))
      return
    case 'trickle':
      begin().flushHeaders()
      trickle(response, bytes, fault.intervalMs)
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
      later(response, delayMs, () => begin().end(bytes))
      return
    default:
      assertNever(fault)
  }
}

function later(response: ServerResponse, ms: number, send: () => void): void {
  if (ms === 0) send()
  else clearOnClose(response, setTimeout(send, ms))
}

function trickle(response: ServerResponse, bytes: Buffer, intervalMs: number): void {
  let sent = 0
  const timer = setInterval(() => {
    response.write(bytes.subarray(sent, sent + 1))
    sent += 1
    if (sent < bytes.length) return
    clearInterval(timer)
    response.end()
  }, intervalMs)
  clearOnClose(response, timer)
}

function clearOnClose(response: ServerResponse, timer: NodeJS.Timeout): void {
  response.on('close', () => clearTimeout(timer))
}
