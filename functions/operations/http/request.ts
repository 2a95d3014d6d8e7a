import * as z from 'zod/mini'
import type { Job } from '#shared/declare/job.ts'
import type { Upstream } from '#shared/declare/upstream.ts'
import type { OperationContext, OperationRequest } from './operation.ts'
import { HttpError, shown } from './response.ts'

const MAX_BODY_BYTES = 64 * 1024

/**
 * The body of a request, checked; none at all is an empty object.
 *
 * @throws {HttpError} 413 for more than 64 KB, 400 for what is no JSON object or has not the shape, with expected and got
 */
export function parseBody<T>({ body = '' }: Pick<OperationRequest, 'body'>, schema: z.ZodMiniType<T>): T {
  const bytes = Buffer.byteLength(body)
  if (bytes > MAX_BODY_BYTES) {
    throw new HttpError({
      status: 413,
      message: `expected a body of at most ${MAX_BODY_BYTES} bytes, got ${bytes}`,
    })
  }
  const value = body.trim() === '' ? {} : parseJson(body)
  const checked = schema.safeParse(value)
  if (checked.success) return checked.data
  const message = checked.error.issues.map((issue) => issueText(issue, value)).join('; ')
  throw new HttpError({ status: 400, message })
}

/** A member of a body that `holds` accepts; `expected` says what that is. */
export function bodyMember<T>(holds: (value: unknown) => boolean, expected: string) {
  return z.custom<T>(holds, expected)
}

/** Text of 1 to `most` characters that is not blank. */
export function textMember(expected: string, most: number) {
  const holds = (value: unknown) =>
    typeof value === 'string' && value.trim() !== '' && value.length <= most && value.isWellFormed()
  return bodyMember<string>(holds, `${expected} of 1 to ${most} characters`)
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch (error) {
    const message = 'expected a JSON object as the body, got what is no JSON'
    throw new HttpError({ status: 400, message }, { cause: error })
  }
}

function issueText(issue: z.core.$ZodIssue, value: unknown): string {
  const place = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') return `expected no member ${issue.keys.map(shown).join(', ')}`
  if (issue.code !== 'custom') return `expected a JSON object as the body, got ${typeName(value)}`
  const got = issue.path.reduce<unknown>((at, name) => (at as Record<PropertyKey, unknown>)?.[name], value)
  return `${place === '' ? '' : `${place}: `}expected ${issue.message}${place === '' ? '' : `, got ${shown(got)}`}`
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`
}

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

const ISO_UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?Z$/

/** Milliseconds of an ISO time in UTC since the epoch; `undefined` for anything else, 30 February and 1969 included. */
export function parseIsoTime(text: unknown): number | undefined {
  if (typeof text !== 'string' || !ISO_UTC.test(text)) return undefined
  const at = Date.parse(text)
  const isThatDay = at >= 0 && new Date(at).toISOString().slice(0, 16) === text.slice(0, 16)
  return isThatDay ? at : undefined
}

/** ISO 8601 in UTC, `null` for what never was. */
export function isoOrNull(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString()
}

/** The job that the path names, by its id or a trigger name. @throws {HttpError} 404 with the known names */
export function jobOfPath({ system, id, route }: Pick<OperationContext, 'system' | 'id' | 'route'>): Job {
  const job = system.jobs.find((one) => one.id === id || one.triggerNames.includes(id))
  if (job) return job
  // the documented words of the documented paths
  const message = route.path.includes('/admin/') ? 'Job not found' : `No job is named ${shown(id)}`
  throw new HttpError({ status: 404, message, members: { known: system.jobs.map((one) => one.id) } })
}

/** The provider that the path names. @throws {HttpError} 404 with the known names */
export function upstreamOfPath({ system, id }: Pick<OperationContext, 'system' | 'id'>): Upstream {
  const upstream = system.upstreams.get(id)
  if (upstream) return upstream
  const known = [...system.upstreams.keys()]
  throw new HttpError({ status: 404, message: `No upstream is named ${shown(id)}`, members: { known } })
}
