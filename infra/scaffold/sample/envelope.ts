import { UsageError } from '#infra/command/report-user-errors.ts'
import { plainDecimal } from '#shared/domain/json.ts'
import { shown } from '#shared/domain/text.ts'
import type { Instant, SampleObject } from './field-type.ts'
import { type InferenceContext, inferType, isObject } from './infer.ts'
import type { Layout } from './layout.ts'
import { placeText, snakeCase, suggests } from './names.ts'

/** A member of a body that states whether the request has failed, whatever the status is. */
export interface ErrorMember {
  readonly name: string
  /** `code`: another value is the code of an error. `flag`, `word`: another value is a failure. `detail`: any value is one. */
  readonly kind: 'code' | 'flag' | 'word' | 'detail'
  /** The value of a success, as in the sample. */
  readonly success: unknown
}

/** A cursor beside the rows of a list. */
export interface CursorMember {
  readonly place: readonly string[]
  /** The query parameter of the next page: assumed from the name of the member. */
  readonly parameter: string
}

/** The provider's time of an answer, beside its records. */
export interface AnswerTime {
  readonly place: readonly string[]
  readonly type: Instant
}

const MESSAGES = ['msg', 'message', 'info', 'ret_msg', 'error_message', 'err_msg', 'description']

/** Whether a member is a text about the request. */
export function isMessage(name: string): boolean {
  return MESSAGES.includes(snakeCase(name))
}

/**
 * The member at the top of a body that states its success.
 *
 * @param name - as `--error-member` has it; by default it is inferred
 * @throws {UsageError} for a name that the body does not have
 */
export function errorMember(
  body: unknown,
  layout: Layout,
  name: string | undefined,
): ErrorMember | undefined {
  const top = isObject(body) ? body : {}
  if (name !== undefined) {
    if (Object.hasOwn(top, name)) return { name, kind: kindOfMember(top[name]), success: top[name] }
    throw new UsageError(`--error-member: expected a member of the top of the sample, got ${name}`)
  }
  const isEnvelope =
    layout.place.length > 0 || Object.keys(top).some((each) => MESSAGES.includes(snakeCase(each)))
  const stated = isEnvelope
    ? Object.keys(top).find((each) => isErrorMember(snakeCase(each), top[each]))
    : undefined
  return stated === undefined
    ? undefined
    : { name: stated, kind: kindOfMember(top[stated]), success: top[stated] }
}

const SUCCESS_CODES = ['0', '1', '200']

function isErrorMember(name: string, value: unknown): boolean {
  if (/^(?:success|succeeded|ok|is_success)$/.test(name)) return value === true
  if (/^(?:code|ret_?code|err_?code|error_?code|status_?code)$/.test(name))
    return SUCCESS_CODES.includes(plainDecimal(String(value)) ?? '')
  if (/^errors?$/.test(name)) return isNothing(value)
  return name === 'status' && typeof value === 'string' && /^(?:ok|success)$/i.test(value)
}

function isNothing(value: unknown): boolean {
  return value === null || value === '' || value === false || (Array.isArray(value) && value.length === 0)
}

function kindOfMember(value: unknown): ErrorMember['kind'] {
  if (isNothing(value)) return 'detail'
  if (value === true) return 'flag'
  return plainDecimal(String(value)) === undefined ? 'word' : 'code'
}

const CURSOR =
  /^(?:next_?)?(?:page_?)?(?:cursor|token)$|^(?:next|next_page_cursor|continuation|continuation_token|after)$/
const NEXT_TO_ROWS = [
  'meta',
  'pagination',
  'paging',
  'page_info',
  'cursor',
  'cursors',
  'response_metadata',
  'links',
]

/** The cursor of the next page of a list, at or beside any object that leads to it. @throws {UsageError} for a link */
export function cursorMember(body: unknown, { kind, place }: Layout): CursorMember | undefined {
  if (kind !== 'list') return undefined
  for (const [at, object] of objectsAround(body, place).reverse()) {
    for (const name of Object.keys(object)) {
      const value = object[name]
      const inner = NEXT_TO_ROWS.includes(snakeCase(name)) && isObject(value) ? value : undefined
      const [innerName] = inner ? Object.keys(inner).filter((each) => isCursor(each, inner[each])) : []
      if (innerName !== undefined) return cursorAt([...at, name, innerName], inner?.[innerName])
      if (isCursor(name, value)) return cursorAt([...at, name], value)
    }
  }
  return undefined
}

/** `cursor` alone may be that of the answer itself: with `null` or a text it is taken for the next one. */
function isCursor(name: string, value: unknown): boolean {
  return CURSOR.test(snakeCase(name)) && (typeof value === 'string' || value === null)
}

function cursorAt(place: readonly string[], value: unknown): CursorMember {
  if (typeof value === 'string' && /^(?:https?:|\/)/.test(value))
    throw new UsageError(
      `--from: expected a cursor at ${placeText(place)}, got the link ${shown(value)}; take it out of the sample, and follow it by hand in nextCalls`,
    )
  const name = snakeCase(place.at(-1) ?? '')
  const parameter = name.includes('token') ? name.replace(/^next_/, '') : 'cursor'
  return { place, parameter }
}

/** The objects that lead to the records, with their places, the body first. */
function objectsAround(body: unknown, place: readonly string[]): [string[], SampleObject][] {
  const objects: [string[], SampleObject][] = []
  let value = body
  for (const [index, name] of place.entries()) {
    if (!isObject(value)) break
    objects.push([place.slice(0, index), value])
    value = value[name]
  }
  return objects
}

/** The time of the answer: a member with the name of such a time, at an object that leads to the records. */
export function answerTime(
  body: unknown,
  { place }: Layout,
  context: InferenceContext,
): AnswerTime | undefined {
  for (const [at, object] of objectsAround(body, place)) {
    for (const [name, value] of Object.entries(object)) {
      const served = snakeCase(name)
      if (!suggests.ownTime(served) || context.nameFault(name) !== undefined) continue
      const inferred = inferType(served, [value], name, context)
      if ('type' in inferred && inferred.type.kind === 'instant')
        return { place: [...at, name], type: inferred.type }
    }
  }
  return undefined
}
