import type { NewOptions } from '../ask-options.ts'
import { CliError, EXIT } from '../cli-error.ts'
import type { AddCommands } from '../session.ts'

/** Writes a new dataset from a sample. It needs no running system. */
export const addNewCommand: AddCommands = (program) => {
  program
    .command('new [job]')
    .description('writes the files of a new dataset from a sample of its provider, and registers it')
    .option('--from <sample>', 'a file with an answer in JSON, or its URL, which is fetched once')
    .option('--path <path>', 'the path under which it is served, such as /v1/prices')
    .option('--upstream <name>', 'the provider: a declared one, or the name of a new one')
    .option('--host <host>', 'host or base URL of a new provider; by default that of the URL of the sample')
    .option('--call <path>', 'path and query of the provider; by default those of the URL of the sample')
    .option('--rows <place>', 'where the rows are, such as data.items; . is the top, none is one record')
    .option('--key <member>', 'the member that names a row; of a map, the name for its keys')
    .option('--error-member <member>', 'the member at the top that states an error under status 200')
    .option('--every <duration>', 'the interval, such as "5 minutes"; 10 minutes by default')
    .option('--dry-run', 'prints the files and writes none')
    .action(async (job: string | undefined, options: NewOptions) => {
      // loaded by this command alone: the others begin without it
      const [{ createDataset }, { userErrorLines }] = await Promise.all([
        import('../new-dataset.ts'),
        import('#infra/command/report-user-errors.ts'),
      ])
      try {
        process.stdout.write(`${await createDataset(job, options)}\n`)
      } catch (error) {
        const lines = userErrorLines(error)
        if (!lines) throw error
        throw new CliError(lines.join('\n'), { exitCode: EXIT.usage }, { cause: error })
      }
    })
}
