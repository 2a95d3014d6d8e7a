import { SettingsError } from '#shared/declare/settings.ts'
import type { Declarations } from '#shared/declare/system.ts'
import { declarationErrorLine } from '#shared/declare/validation.ts'

/** A wrong option or argument of a command: expected and got. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Loads every declaration. Inside a command, because a faulty declaration throws when its module is imported. */
export async function loadDeclarations(): Promise<Declarations> {
  const [{ jobs }, { upstreams }] = await Promise.all([
    import('#functions/jobs/declared.ts'),
    import('#shared/upstreams/index.ts'),
  ])
  return { jobs, upstreams }
}

/**
 * Runs a command. An error that the user can correct (options, stage file, settings, declarations, findings) is printed
 * in one line per fault without a stack, and the process ends with 1. Any other error is a defect and keeps its stack.
 *
 * @param prefix - begins each line; nothing by default
 */
export async function reportUserErrors(command: () => Promise<void>, prefix = ''): Promise<void> {
  try {
    await command()
  } catch (error) {
    const lines = userErrorLines(error)
    if (!lines) throw error
    for (const line of lines) console.error(`${prefix}${line}`)
    process.exitCode = 1
  }
}

/** The lines for the user; `undefined` for an error that is a defect. */
export function userErrorLines(error: unknown): readonly string[] | undefined {
  if (error instanceof SettingsError) return error.faults.map(({ name, message }) => `${name}: ${message}`)
  const declarationError = declarationErrorLine(error)
  if (declarationError !== undefined) return [declarationError]
  if (!isUserError(error)) return undefined
  return 'lines' in error && Array.isArray(error.lines) ? error.lines : error.message.split('\n')
}

/** Errors that rooms above this one throw for what a user can correct. */
const USER_ERRORS = ['UsageError', 'StageError', 'CheckError', 'StartError']

function isUserError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  return (
    USER_ERRORS.includes(error.name) ||
    (error instanceof TypeError && (isArgumentError(error) || isDeclarationError(error)))
  )
}

/** `parseArgs` rejected an option. */
function isArgumentError(error: TypeError): boolean {
  return 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_')
}

/** A fault that is found when declarations are resolved together. */
function isDeclarationError({ message }: TypeError): boolean {
  return /^(?:job|upstream) "|^expected each .+ to be declared once/.test(message)
}
