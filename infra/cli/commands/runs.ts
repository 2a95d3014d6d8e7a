import { CliError, EXIT } from '../cli-error.ts'
import type { AddCommands } from '../session.ts'
import { list, relative, table } from '../tables.ts'

/** What ran, and who changed what. */
export const addRunCommands: AddCommands = (program, session) => {
  program
    .command('runs <job>')
    .description('the runs of a job, newest first')
    .option('--outcome <outcome>', 'only those of one outcome, such as failed')
    .option('--limit <number>', 'at most 100; 20 by default')
    .action(async (id: string, { limit, ...options }: { outcome?: string; limit?: string }) => {
      const { api, print } = await session()
      const query = { ...options, ...limitOf(limit) }
      const { body } = await api.get('/v1/jobs/{id}/runs', { path: { id }, query })
      print(body, () =>
        table(
          ['run', 'cause', 'outcome', 'reason', 'started', 'seconds', 'message'],
          body.runs.map((run) => [
            run.run_id,
            run.cause,
            run.outcome,
            run.reason,
            relative(run.started_at),
            run.duration_seconds,
            run.message,
          ]),
        ),
      )
    })

  program
    .command('run <id>')
    .description('one run')
    .action(async (id: string) => {
      const { api, print } = await session()
      const { body } = await api.get('/v1/runs/{id}', { path: { id } })
      print(body, () => list(Object.entries(body)))
    })

  program
    .command('audit')
    .description('changes by operators, newest first')
    .option('--job <job>', 'only those of a job')
    .option('--action <action>', 'only those of a kind, such as pause')
    .option('--actor <actor>', 'only those by one operator')
    .option('--limit <number>', 'at most 100; 20 by default')
    .action(async ({ limit, ...options }: AuditOptions) => {
      const { api, print } = await session()
      const { body } = await api.get('/v1/audit', { query: { ...options, ...limitOf(limit) } })
      print(body, () =>
        table(
          ['at', 'actor', 'action', 'subject', 'reason', 'after'],
          body.entries.map(({ at, actor, action, subject, reason, after }) => [
            at,
            actor,
            action,
            subject,
            reason,
            after,
          ]),
        ),
      )
    })
}

interface AuditOptions {
  readonly job?: string
  readonly action?: string
  readonly actor?: string
  readonly limit?: string
}

/** The parameter `limit`; the API checks its range. */
function limitOf(text: string | undefined): { limit?: number } {
  if (text === undefined) return {}
  const limit = Number(text)
  if (Number.isInteger(limit)) return { limit }
  throw new CliError(`--limit: expected a number, got ${text}`, { exitCode: EXIT.usage })
}
