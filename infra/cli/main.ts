import { CliError, EXIT } from './cli-error.ts'
import { freshetProgram } from './program.ts'

try {
  await freshetProgram(process.env).parseAsync(process.argv)
} catch (error) {
  if (!(error instanceof CliError)) throw error
  console.error(error.message)
  if (error.hint !== undefined) console.error(error.hint)
  process.exitCode = error.exitCode ?? EXIT.failed
}
