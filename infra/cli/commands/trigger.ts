import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '#shared/client/client.ts'
import type { Run } from '#shared/client/generated/types.ts'
import { CliError, EXIT } from '../cli-error.ts'
import type { AddCommands } from '../session.ts'
import { inWords, stateText } from '../tables.ts'

interface TriggerOptions {
  readonly key?: string
  readonly reason?: string
  readonly wait?: true
}

/** Triggers a run now. */
export const addTriggerCommand: AddCommands = (program, session) => {
  program
    .command('trigger <job>')
    .description('requests a run now')
    .option('--key <key>', 'of one key only')
    .option('--reason <reason>', 'for the audit')
    .option('--wait', 'shows its progress until its end; the exit code is 1 if it fails')
    .action(async (id: string, { wait, ...target }: TriggerOptions) => {
      const { api, print, progress } = await session()
      const { body } = await api.post('/v1/jobs/{id}/runs', { path: { id }, body: target })
      if (!wait) {
        print(body, () => `${body.run_id} is requested: freshet run ${body.run_id}`)
        return
      }
      const run = await endOf(body.run_id, api, (text) => progress.show(text))
      progress.clear()
      print(run, () => endText(run))
      if (run.outcome === 'failed' || run.outcome === 'abandoned') process.exitCode = EXIT.failed
    })
}

/** The longest wait for the record of a run that was requested. */
const RECORD_TIMEOUT_MS = 60_000
const POLL_MS = 500

/** The record of a run once it has ended. @throws {CliError} if it has no record after a minute */
async function endOf(id: string, api: Client, show: (text: string) => void): Promise<Run> {
  const requestedAt = Date.now()
  for (;;) {
    const run = await recordOf(id, api)
    if (run && run.outcome !== 'running' && !run.is_lease_expired) return run
    if (!run && Date.now() - requestedAt > RECORD_TIMEOUT_MS)
      throw new CliError(`the run ${id} has not started within a minute`, {
        hint: 'See freshet jobs and freshet dlq list.',
      })
    show(progressText(id, run, Date.now()))
    await sleep(POLL_MS)
  }
}

/** A run that was requested a moment ago has no record yet. */
async function recordOf(id: string, api: Client): Promise<Run | undefined> {
  const response = await api.request('GET /v1/runs/{id}', { path: { id } })
  if (response.status === 200) return response.body
  if (response.status === 404) return undefined
  const { ApiError } = await import('#shared/client/client.ts')
  throw new ApiError(`GET /v1/runs/${id}`, response)
}

/** How far a run has come, in one line. @param now - milliseconds since the epoch */
export function progressText(id: string, run: Run | undefined, now: number): string {
  if (!run) return `${id}: waits for its start`
  if (run.is_lease_expired) return `${id}: ${run.message}`
  const running = `${id}: running for ${inWords((now - Date.parse(run.started_at)) / 1_000)}`
  if (!run.progress) return running
  const { done, planned, failed } = run.progress
  return `${running}, ${done} of ${planned} requests have ended${failed === 0 ? '' : `, ${failed} failed`}`
}

/** How a run has ended, with the names of what it lost. */
export function endText({ run_id: id, outcome, message, lost }: Run): string {
  const line = [id, stateText(outcome), ...(message === null ? [] : [message])].join(': ')
  if (!lost) return line
  const more = lost.count > lost.names.length ? ', …' : ''
  return `${line}\nlost ${lost.count}: ${lost.names.join(', ')}${more}`
}
