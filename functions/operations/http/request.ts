import * as z from 'zod/mini'
import type { Job } from '#shared/declare/job.ts'
import type { Upstream } from '#shared/declare/upstream.ts'
import { shown } from '#shared/domain/text.ts'
import { isoText } from '#shared/domain/time.ts'
import { parseBody } from '#shared/read/request.ts'
import type { OperationContext, OperationRequest } from './operation.ts'
import { HttpError } from './response.ts'

const MAX_BODY_BYTES = 64 * 1_024

/**
 * The validated body of a request; a missing body is an empty object.
 *
 * @param maxBytes - 64 KB by default
 * @throws {HttpError} 413 for a larger body, 400 for a body that is no JSON object or does not match the schema
 */
export function parseOperationBody<T>(
  { body = '' }: Pick<OperationRequest, 'body'>,
  schema: z.ZodMiniType<T>,
  maxBytes = MAX_BODY_BYTES,
): T {
  const parsed = parseBody(body.trim() === '' ? '{}' : body, maxBytes)
  if ('message' in parsed) throw new HttpError(parsed)
  const result = schema.safeParse(parsed.json)
  if (result.success) return result.data
  const message = result.error.issues.map((issue) => issueText(issue, parsed.json)).join('; ')
  throw new HttpError({ status: 400, message })
}

/** A member of a body that `isValid` accepts; `expected` describes it in the error message. */
export function bodyMember<T>(isValid: (value: unknown) => boolean, expected: string) {
  return z.custom<T>(isValid, expected)
}

/** Text of 1 to `maxLength` characters that is not blank. */
export function textMember(expected: string, maxLength: number) {
  const isValid = (value: unknown) =>
    typeof value === 'string' && value.trim() !== '' && value.length <= maxLength && value.isWellFormed()
  return bodyMember<string>(isValid, `${expected} of 1 to ${maxLength} characters`)
}

/** Why an operator makes a change, in their own words; the audit keeps it. */
export const reasonMember = textMember('a reason', 200)

function issueText(issue: z.core.$ZodIssue, body: unknown): string {
  if (issue.code === 'unrecognized_keys') return `expected no member ${issue.keys.map(shown).join(', ')}`
  if (issue.path.length === 0) {
    return issue.code === 'custom'
      ? `expected ${issue.message}`
      : `expected a JSON object as the body, got ${typeName(body)}`
  }
  const value = issue.path.reduce<unknown>(
    (parent, name) => (parent as Record<PropertyKey, unknown>)?.[name],
    body,
  )
  const expected = issue.code === 'invalid_type' ? STRUCTURES[issue.expected] : undefined
  return `${issue.path.map(String).join('.')}: expected ${expected ?? issue.message}, got ${shown(value)}`
}

const STRUCTURES: Readonly<Record<string, string>> = { array: 'a list', object: 'an object' }

function typeName(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`
}

const DEFAULT_LIMIT = 20
const MAX_LIMIT = 100

type Query = OperationRequest['query']

/** @throws {HttpError} 400 for any other parameter: a misspelt filter must not be ignored */
export function expectOnlyParameters(query: Query, allowed: readonly string[]): void {
  const other = Object.keys(query).find((name) => !allowed.includes(name))
  if (other === undefined) return
  const names = allowed.length === 0 ? 'no query parameter' : `query parameters of ${allowed.join(', ')} only`
  throw new HttpError({ status: 400, message: `expected ${names}, got ${shown(other)}` })
}

/** The parameter `limit`: 1 to 100, by default 20. @throws {HttpError} 400 */
export function parseLimit({ limit }: Query): number {
  if (limit === undefined) return DEFAULT_LIMIT
  const count = /^\d{1,3}$/.test(limit) ? Number(limit) : Number.NaN
  if (count >= 1 && count <= MAX_LIMIT) return count
  throw new HttpError({
    status: 400,
    message: `limit: expected a number of 1 to ${MAX_LIMIT}, got ${shown(limit)}`,
  })
}

/** The parameters `from` and `to`; by default the last `defaultMs` until now. @throws {HttpError} 400 */
export function parseSpan(query: Query, defaultMs: number, now: number): { from: number; to: number } {
  const to = parseTimeParameter(query, 'to') ?? now
  const from = parseTimeParameter(query, 'from') ?? Math.max(0, to - defaultMs)
  if (from <= to) return { from, to }
  const message = `from: expected a time before ${isoText(to)}, got ${isoText(from)}`
  throw new HttpError({ status: 400, message })
}

/** A parameter that is a time; `undefined` without it. @throws {HttpError} 400 */
export function parseTimeParameter(query: Query, name: 'from' | 'to'): number | undefined {
  const text = query[name]
  const at = parseIsoTime(text)
  if (text === undefined || at !== undefined) return at
  throw new HttpError({ status: 400, message: `${name}: expected an ISO time in UTC, got ${shown(text)}` })
}

const ISO_UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?Z$/

/** The epoch milliseconds of an ISO time in UTC; `undefined` for anything else, 30 February and 1969 included. */
export function parseIsoTime(text: unknown): number | undefined {
  if (typeof text !== 'string' || !ISO_UTC.test(text)) return undefined
  const at = Date.parse(text)
  const isSameDay = at >= 0 && isoText(at).slice(0, 16) === text.slice(0, 16)
  return isSameDay ? at : undefined
}

/** ISO 8601 in UTC; `null` for `undefined`. */
export function isoOrNull(ms: number | undefined): string | null {
  return ms === undefined ? null : isoText(ms)
}

/** The job that the path names by id or trigger name. @throws {HttpError} 404 with the available names */
export function jobOfPath({ system, id, route }: Pick<OperationContext, 'system' | 'id' | 'route'>): Job {
  const job = system.jobs.find((candidate) => candidate.id === id || candidate.triggerNames.includes(id))
  if (job) return job
  // The text on the paths under /admin/ is documented.
  const message = route.path.includes('/admin/') ? 'Job not found' : `No job is named ${shown(id)}`
  const available = system.jobs.map((candidate) => candidate.id)
  throw new HttpError({ status: 404, message, members: { available } })
}

/** The upstream that the path names. @throws {HttpError} 404 with the available names */
export function upstreamOfPath({ system, id }: Pick<OperationContext, 'system' | 'id'>): Upstream {
  const upstream = system.upstreams.get(id)
  if (upstream) return upstream
  const available = [...system.upstreams.keys()]
  throw new HttpError({ status: 404, message: `No upstream is named ${shown(id)}`, members: { available } })
}
