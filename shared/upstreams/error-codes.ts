import type { ProviderFailure } from './provider-failure.ts'

/** What the codes of one class mean. */
interface CodeClass extends Pick<ProviderFailure, 'reason' | 'scope' | 'escalates' | 'retryable'> {
  readonly codes: readonly number[]
}

/** The documented error codes of a provider. */
export type CodeTable = ReadonlyMap<number, Omit<CodeClass, 'codes'>>

/**
 * The table of a provider's codes.
 *
 * @throws {TypeError} for a code that is in two classes
 */
export function codeTable(classes: readonly CodeClass[]): CodeTable {
  const table = new Map<number, Omit<CodeClass, 'codes'>>()
  for (const { codes, ...meaning } of classes) {
    for (const code of codes) {
      if (table.has(code)) throw new TypeError(`expected the error code ${code} in one class, got two`)
      table.set(code, meaning)
    }
  }
  return table
}

/** The error code that a member of a body holds, as a number or as text; `undefined` for any other value. */
export function errorCode(member: unknown): number | undefined {
  if (typeof member === 'string') return /^-?\d{1,9}$/.test(member) ? Number(member) : undefined
  return Number.isSafeInteger(member) ? (member as number) : undefined
}

/** The members of a body that is a JSON object; none for any other body. */
export function members(body: unknown): Readonly<Record<string, unknown>> {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
  return isObject ? (body as Readonly<Record<string, unknown>>) : {}
}

/** Whether a body is `{}`, with which some providers answer that they have nothing. */
export function isEmptyObject(body: unknown): boolean {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
  return isObject && Object.keys(body).length === 0
}
