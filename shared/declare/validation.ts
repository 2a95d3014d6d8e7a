import { errorMessage, shown } from '#shared/domain/text.ts'

/**
 * A mistake in a declaration. The message is one line: the job or upstream with the member, what was expected, what the
 * declaration has.
 */
export class DeclarationError extends TypeError {
  override readonly name = 'DeclarationError'
}

/**
 * Evaluates one member of a declaration, and adds the member's name to the message of a `TypeError`.
 *
 * @param where - the member: `job "hama".schedule`
 * @throws {DeclarationError} in place of a `TypeError`; any other error unchanged
 */
export function evaluateMember<T>(where: string, evaluate: () => T): T {
  try {
    return evaluate()
  } catch (error) {
    if (!(error instanceof TypeError) || error.message.startsWith(where)) throw error
    throw new DeclarationError(`${where}: ${error.message}`, { cause: error })
  }
}

/**
 * The one line that a command prints for a wrong declaration: its message, and the job's file and line where the stack
 * has them, because a value such as `every('7 minutes')` fails before the job has a name.
 *
 * @returns `undefined` for any other error
 */
export function declarationErrorLine(error: unknown): string | undefined {
  if (!(error instanceof DeclarationError)) return undefined
  const place = /functions\/jobs\/[\w/.-]+:\d+/.exec(error.stack ?? '')?.[0]
  return place === undefined ? errorMessage(error) : `${place}: ${error.message}`
}

/**
 * Refuses unknown keys, so that a misspelt one does not go unnoticed.
 *
 * @throws {DeclarationError} naming the key and the legal ones
 */
export function rejectUnknownKeys(where: string, value: object, legalKeys: readonly string[]): void {
  for (const key of Object.keys(value)) {
    if (!legalKeys.includes(key)) {
      throw new DeclarationError(`${where}: expected the keys ${legalKeys.join(', ')}; got ${shown(key)}`)
    }
  }
}

/** The form of names of jobs, upstreams and kinds of history rows. */
export const KEBAB = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/

/** @throws {DeclarationError} when `text` does not match, with what was expected */
export function expectMatch(where: string, text: unknown, pattern: RegExp, expected: string): void {
  if (typeof text !== 'string' || !pattern.test(text)) {
    throw new DeclarationError(`${where}: expected ${expected}, got ${shown(text)}`)
  }
}

/** @throws {DeclarationError} when `value` is none of `words` */
export function expectOneOf(where: string, value: unknown, words: readonly string[]): void {
  if (typeof value !== 'string' || !words.includes(value)) {
    throw new DeclarationError(`${where}: expected one of ${words.join(', ')}, got ${shown(value)}`)
  }
}

/** @throws {DeclarationError} when `value` is not a whole number of at least 1 */
export function expectWholeNumber(where: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value
  throw new DeclarationError(`${where}: expected a whole number of at least 1, got ${value}`)
}

/** A declared value as messages quote it. */
export function quoted(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}
