import { UsageError } from '#infra/command/report-user-errors.ts'

const KEBAB = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/

const MAX_LENGTH = 40

/** Names that would not be legal, or would mean something else, where the generated files declare them. */
const RESERVED = [
  ...[
    'break',
    'case',
    'catch',
    'class',
    'const',
    'continue',
    'debugger',
    'default',
    'delete',
    'do',
    'else',
    'enum',
  ],
  ...[
    'export',
    'extends',
    'false',
    'finally',
    'for',
    'function',
    'if',
    'import',
    'in',
    'instanceof',
    'new',
    'null',
  ],
  ...[
    'return',
    'super',
    'switch',
    'this',
    'throw',
    'true',
    'try',
    'typeof',
    'var',
    'void',
    'while',
    'with',
    'yield',
  ],
  ...['await', 'async', 'let', 'static', 'package', 'private', 'public', 'interface', 'arguments', 'eval'],
  ...['index', 'upstreams', 'marker', 'classify', 'members', 'sample'],
]

/** `check-in-topics` is `checkInTopics`. */
export function camelCase(name: string): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}

/** `check-in-topics` is `Check in topics`. */
export function titleOf(name: string): string {
  const words = name.replaceAll('-', ' ')
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}

/**
 * Refuses a name that is not legal for a job or an upstream.
 *
 * @param refused - what to write in place of a word that the project does not use; `undefined` for other words
 * @throws {UsageError} beginning with `where`
 */
export function expectLegalName(
  where: string,
  name: string,
  refused: (name: string) => string | undefined,
  minLength: number,
): void {
  if (!KEBAB.test(name) || name.length < minLength || name.length > MAX_LENGTH)
    throw new UsageError(
      `${where}: expected a kebab-case noun of ${minLength} to ${MAX_LENGTH} characters such as prices, got ${JSON.stringify(name)}`,
    )
  if (RESERVED.includes(camelCase(name)))
    throw new UsageError(
      `${where}: expected a name that is no word of the language or the project, got ${name}`,
    )
  const instead = refused(name) ?? refused(camelCase(name))
  if (instead !== undefined) throw new UsageError(`${where}: expected no ${name}; write ${instead}`)
}
