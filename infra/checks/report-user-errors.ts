import { StageError } from '#infra/stages/config.ts'
import { SettingsError } from '#shared/declare/settings.ts'
import { CheckError } from './findings.ts'

/**
 * Runs a command of the operator's. What the operator has to mend (stage, settings, declarations) is said in its own
 * lines and ends the process with 1; anything else is a defect and keeps its stack.
 */
export async function reportUserErrors(command: () => Promise<void>): Promise<void> {
  try {
    await command()
  } catch (error) {
    if (!(error instanceof StageError || error instanceof SettingsError || error instanceof CheckError))
      throw error
    console.error(error.message)
    process.exitCode = 1
  }
}
