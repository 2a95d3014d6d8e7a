import { CliError, EXIT } from './cli-error.ts'
import { freshetProgram } from './program.ts'

try {
  await freshetProgram(process.env).parseAsync(process.argv)
} catch (error) {
  if (error instanceof CliError) {
    if (error.message !== '') console.error(error.message)
    if (error.hint !== undefined) console.error(error.hint)
    process.exitCode = error.exitCode ?? EXIT.failed
  } else if (error instanceof Error && error.name === 'ApiError') {
    console.error(error.message)
    process.exitCode = EXIT.failed
  } else throw error
}
