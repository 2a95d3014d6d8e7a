import * as z from 'zod/mini'
import type { OperationRequest } from './operation.ts'
import { HttpError, shown } from './refused.ts'

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
