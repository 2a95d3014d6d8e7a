import { CliError, EXIT } from '../cli-error.ts'
import type { AddCommands } from '../session.ts'

/** How shells complete command lines. */
export const addCompletionCommand: AddCommands = (program) => {
  program
    .command('completion <shell> [words...]')
    .description(
      'the script by which bash, zsh or fish completes commands, options and jobs: eval "$(freshet completion bash)"',
    )
    .action(async (shell: string, words: readonly string[]) => {
      const { completions, completionScript, jobIds, SHELLS } = await import('../completion.ts')
      const text =
        shell === 'words' ? (await completions(program, words, jobIds)).join('\n') : completionScript(shell)
      if (text === undefined) {
        const message = `expected one of ${SHELLS.join(', ')}; got ${shell}`
        throw new CliError(message, { exitCode: EXIT.usage })
      }
      process.stdout.write(`${text}\n`)
    })
}
