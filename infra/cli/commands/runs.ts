import { setTimeout as sleep } from 'node:timers/promises'
import type { ApiResponse, Json } from '../api.ts'
import { CliError } from '../cli-error.ts'
import type { AddCommands, Session } from '../session.ts'
import { list, relative, table } from '../tables.ts'

/** What ran, and what shall run now. */
export const addRunCommands: AddCommands = (program, session) => {
  program
    .command('runs <job>')
    .description('the runs of a job, newest first')
    .option('--outcome <outcome>', 'only those of one outcome, such as failed')
    .option('--limit <number>', 'at most 100; 20 by default')
    .action(async (job: string, options: { outcome?: string; limit?: string }) => {
      const { call, print } = await session()
      const { body } = await call('GET', `/v1/jobs/${encodeURIComponent(job)}/runs${queryOf(options)}`)
      print(body, () =>
        table(
          ['run', 'cause', 'outcome', 'reason', 'started', 'seconds', 'message'],
          body.runs.map((run: Json) => [
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
      const { call, print } = await session()
      const { body } = await call('GET', `/v1/runs/${encodeURIComponent(id)}`)
      print(body, () => list(Object.entries(body)))
    })

  program
    .command('trigger <job>')
    .description('requests a run now')
    .option('--key <key>', 'of one key only')
    .option('--reason <reason>', 'for the audit')
    .option('--wait', 'waits for its end; the exit code is 1 if it fails')
    .action(async (job: string, { key, reason, wait }: { key?: string; reason?: string; wait?: true }) => {
      const { call, print } = await session()
      const { body } = await call('POST', `/v1/jobs/${encodeURIComponent(job)}/runs`, { key, reason })
      if (!wait) {
        print(body, () => `${body.run_id} is requested: freshet run ${body.run_id}`)
        return
      }
      const run = await endOf(body.run_id, call)
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
    .action(async (options: Record<string, string>) => {
      const { call, print } = await session()
      const { body } = await call('GET', `/v1/audit${queryOf(options)}`)
      print(body, () =>
        table(
          ['at', 'actor', 'action', 'subject', 'after'],
          body.entries.map(({ at, actor, action, subject, after }: Json) => [
            at,
            actor,
            action,
            subject,
            after,
          ]),
        ),
      )
    })
}

/** The longest wait for the record of a run that was requested, and for its end. */
const RECORD_TIMEOUT_MS = 60_000
const POLL_MS = 500

/** The record of a run once it has ended. @throws {CliError} if it has no record after a minute */
async function endOf(id: string, call: Session['call']): Promise<Json> {
  const requestedAt = Date.now()
  for (;;) {
    const run = await recordOf(id, call)
    if (run && run.outcome !== 'running' && !run.is_lease_expired) return run
    if (!run && Date.now() - requestedAt > RECORD_TIMEOUT_MS)
      throw new CliError(`the run ${id} has not started within a minute`, {
        hint: 'See freshet jobs and the failure queues.',
      })
    await sleep(POLL_MS)
  }
}

/** A run that was requested a moment ago has no record yet. */
async function recordOf(id: string, call: Session['call']): Promise<ApiResponse['body'] | undefined> {
  try {
    return (await call('GET', `/v1/runs/${encodeURIComponent(id)}`)).body
  } catch (error) {
    if (error instanceof CliError && error.message.includes(': 404')) return undefined
    throw error
  }
}

function queryOf(options: Readonly<Record<string, string | undefined>>): string {
  const present = Object.entries(options).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const query = new URLSearchParams(present).toString()
  return query === '' ? '' : `?${query}`
}
