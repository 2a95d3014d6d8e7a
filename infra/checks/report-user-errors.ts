import { StageError } from '#infra/stages/config.ts'
import { SettingsError } from '#shared/declare/settings.ts'
import type { Declarations } from '#shared/declare/system.ts'
import { CheckError } from './findings.ts'

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
  if (!isUserError(error)) return undefined
  return 'lines' in error && Array.isArray(error.lines) ? error.lines : error.message.split('\n')
}

function isUserError(error: unknown): error is Error {
  if (error instanceof StageError || error instanceof CheckError || error instanceof UsageError) return true
  if (!(error instanceof Error)) return false
  if (['StartError', 'DeclarationError'].includes(error.name)) return true
  return error instanceof TypeError && (isArgumentError(error) || isDeclarationError(error))
}

/** `parseArgs` rejected an option. */
function isArgumentError(error: TypeError): boolean {
  return 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_')
}

function isDeclarationError({ message }: TypeError): boolean {
  return /^(?:job|upstream) "|^expected each .+ to be declared once/.test(message)
}
