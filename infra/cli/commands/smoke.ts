import { errorMessage } from '#shared/domain/text.ts'
import { CliError, EXIT } from '../cli-error.ts'
import type { AddCommands } from '../session.ts'

const DEFAULT_JOB = 'global-market'

/** Whether a deployment works. */
export const addSmokeCommand: AddCommands = (program, session) => {
  program
    .command('smoke')
    .description(
      'checks a system: health, plain and brotli bytes, 304, a refused and a signed request, a run; without credentials the checks of operators’ paths are left out',
    )
    .option('--job <job>', 'the job whose run is triggered', DEFAULT_JOB)
    .option('--read <path>', 'a public read without parameters; one of global-market by default')
    .action(async ({ job, read }: { job: string; read?: string }) => {
      const { connection, line, print } = await session()
      const { smokeChecks } = await import('../smoke-checks.ts')
      const { url, sign } = connection
      const results: { check: string; passed: boolean; error: string | null }[] = []
      if (!sign) line('without credentials: the checks of operators’ paths are left out')
      for (const { name, run } of smokeChecks({ url, sign, job, readPath: read ?? (await defaultRead()) })) {
        const error = await failureOf(run)
        results.push({ check: name, passed: error === null, error })
        line(error === null ? `ok      ${name}` : `FAILED  ${name}: ${error}`)
      }
      if (results.some(({ passed }) => !passed)) process.exitCode = EXIT.failed
      print({ checks: results }, () => undefined)
    })
}

/** Every failure of a check is its result. */
async function failureOf(run: () => Promise<void>): Promise<string | null> {
  try {
    await run()
    return null
  } catch (error) {
    return errorMessage(error)
  }
}

async function defaultRead(): Promise<string> {
  const { loadDeclarations } = await import('#infra/command/report-user-errors.ts')
  const { jobs } = await loadDeclarations()
  const path = jobs.find(({ id }) => id === DEFAULT_JOB)?.spec.reads?.[0]?.path
  if (path !== undefined) return path
  throw new CliError('expected --read, got none', { exitCode: EXIT.usage })
}
