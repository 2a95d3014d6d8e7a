import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError, type Client } from '#shared/client/client.ts'
import type { Run } from '#shared/client/generated/types.ts'
import { CliError, EXIT } from '../cli-error.ts'
import type { AddCommands } from '../session.ts'
import { list, relative, table } from '../tables.ts'

/** What ran, and what shall run now. */
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
    .command('trigger <job>')
    .description('requests a run now')
    .option('--key <key>', 'of one key only')
    .option('--reason <reason>', 'for the audit')
    .option('--wait', 'waits for its end; the exit code is 1 if it fails')
    .action(async (id: string, { wait, ...target }: { key?: string; reason?: string; wait?: true }) => {
      const { api, print } = await session()
      const { body } = await api.post('/v1/jobs/{id}/runs', { path: { id }, body: target })
      if (!wait) {
        print(body, () => `${body.run_id} is requested: freshet run ${body.run_id}`)
        return
      }
      const run = await endOf(body.run_id, api)
      print(run, () => `${run.run_id}: ${run.outcome}${run.message === null ? '' : `: ${run.message}`}`)
      if (run.outcome === 'failed' || run.outcome === 'abandoned') process.exitCode = 1
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
          ['at', 'actor', 'action', 'subject', 'after'],
          body.entries.map(({ at, actor, action, subject, after }) => [at, actor, action, subject, after]),
        ),
      )
    })
}

/** The longest wait for the record of a run that was requested, and for its end. */
const RECORD_TIMEOUT_MS = 60_000
const POLL_MS = 500

/** The record of a run once it has ended. @throws {CliError} if it has no record after a minute */
async function endOf(id: string, api: Client): Promise<Run> {
  const requestedAt = Date.now()
  for (;;) {
    const run = await recordOf(id, api)
    if (run && run.outcome !== 'running' && !run.is_lease_expired) return run
    if (!run && Date.now() - requestedAt > RECORD_TIMEOUT_MS)
      throw new CliError(`the run ${id} has not started within a minute`, {
        hint: 'See freshet jobs and the failure queues.',
      })
    await sleep(POLL_MS)
  }
}

/** A run that was requested a moment ago has no record yet. */
async function recordOf(id: string, api: Client): Promise<Run | undefined> {
  const response = await api.request('GET /v1/runs/{id}', { path: { id } })
  if (response.status === 200) return response.body
  if (response.status === 404) return undefined
  throw new ApiError(`GET /v1/runs/${id}`, response)
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
