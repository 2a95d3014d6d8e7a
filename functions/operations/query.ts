import { parseIsoTime } from './instant.ts'
import type { OperationRequest } from './operation.ts'
import { HttpError, shown } from './refused.ts'

const DEFAULT_LIMIT = 20
const MAX_LIMIT = 100

type Query = OperationRequest['query']

/** @throws {HttpError} 400 for a parameter that the path does not know: a misspelt filter is not silently without effect */
export function expectOnlyParameters(query: Query, known: readonly string[]): void {
  const other = Object.keys(query).find((name) => !known.includes(name))
  if (other === undefined) return
  const names = known.length === 0 ? 'no query parameter' : `query parameters of ${known.join(', ')} only`
  throw new HttpError({ status: 400, message: `expected ${names}, got ${shown(other)}` })
}

/** How many are wanted: 1 to 100, 20 unless said. @throws {HttpError} 400 */
export function parseLimit({ limit }: Query): number {
  if (limit === undefined) return DEFAULT_LIMIT
  const most = /^\d{1,3}$/.test(limit) ? Number(limit) : Number.NaN
  if (most >= 1 && most <= MAX_LIMIT) return most
  throw new HttpError({
    status: 400,
    message: `limit: expected a number of 1 to ${MAX_LIMIT}, got ${shown(limit)}`,
  })
}

/** Which span is wanted: `from` and `to`, `usualMs` up to now unless said. @throws {HttpError} 400 */
export function parseSpan(query: Query, usualMs: number, now: number): { from: number; to: number } {
  const to = parseTimeParameter(query, 'to') ?? now
  const from = parseTimeParameter(query, 'from') ?? Math.max(0, to - usualMs)
  if (from <= to) return { from, to }
  const [first, last] = [from, to].map((at) => new Date(at).toISOString())
  throw new HttpError({ status: 400, message: `from: expected a time before ${last}, got ${first}` })
}

function parseTimeParameter(query: Query, name: 'from' | 'to'): number | undefined {
  const text = query[name]
  const at = parseIsoTime(text)
  if (text === undefined || at !== undefined) return at
  throw new HttpError({ status: 400, message: `${name}: expected an ISO time in UTC, got ${shown(text)}` })
}
