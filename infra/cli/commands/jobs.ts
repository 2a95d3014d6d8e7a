import type { Explanation, Job, Upstream } from '#shared/client/generated/types.ts'
import { defined } from '#shared/domain/defined.ts'
import { EXIT } from '../cli-error.ts'
import type { AddCommands } from '../session.ts'
import { inWords, list, relative, table } from '../tables.ts'

/** What there is, and why it is as old as it is. */
export const addJobCommands: AddCommands = (program, session) => {
  program
    .command('jobs')
    .description('every job: state, last outcome, next run')
    .action(async () => {
      const { api, print } = await session()
      const { body } = await api.get('/v1/jobs')
      print(body, () => table(['job', 'state', 'last run', 'ended', 'next run'], body.jobs.map(jobRow)))
    })

  program
    .command('job <job>')
    .description('one job')
    .action(async (id: string) => {
      const { api, print } = await session()
      const { body } = await api.get('/v1/jobs/{id}', { path: { id } })
      print(body, () => jobText(body))
    })

  program
    .command('explain <job> [key]')
    .description('why the data of a job, or of one key, are as old as they are, and what happens next')
    .action(async (id: string, key: string | undefined) => {
      const { api, print } = await session()
      const { body } = await api.get('/v1/jobs/{id}/explain', { path: { id }, query: defined({ key }) })
      print(body, () => explanationText(body))
      process.exitCode = exitCodeOf(body.state)
    })

  program
    .command('upstreams')
    .description('every provider: limits, calls, cool-down, circuit breaker')
    .action(async () => {
      const { api, print } = await session()
      const { body } = await api.get('/v1/upstreams')
      print(body, () =>
        table(
          ['provider', 'calls per minute', 'used today', 'cool-down until', 'because', 'breaker'],
          body.upstreams.map(upstreamRow),
        ),
      )
    })
}

function jobRow({ id, state, last_run: last, next_runs: next }: Job): readonly unknown[] {
  const outcome = last && `${last.outcome}${last.reason ? ` (${last.reason})` : ''}`
  const tick = next.find(({ skipped }) => skipped === null)?.tick
  return [id, state, outcome, relative(last?.ended_at), relative(tick)]
}

function jobText(job: Job): string {
  const { pause, skip, overrides } = job.control
  return list([
    ['job', `${job.id}: ${job.title}, ${job.priority}`],
    ['state', job.off === null ? job.state : `off: ${job.off}`],
    ['fresh until', job.fresh_until],
    ['overdue', job.overdue_seconds > 0 ? inWords(job.overdue_seconds) : null],
    ['last success', job.last_success_at],
    ['failures in a row', job.consecutive_failures],
    ['last run', job.last_run && `${job.last_run.run_id}: ${job.last_run.outcome}`],
    [
      'next runs',
      job.next_runs.map(({ tick, skipped }) => `${tick}${skipped ? ` (${skipped})` : ''}`).join(', '),
    ],
    ['paused', pause && `until ${pause.until} by ${pause.by}: ${pause.reason}`],
    ['skipped', skip && `${skip.tick} by ${skip.by}: ${skip.reason}`],
    ['overrides', overrides],
    ['provider', job.upstream],
  ])
}

function explanationText({ cause, next, facts, inputs }: Explanation): string {
  const lines = [cause.text, next.text, '', list(facts.map(({ name, value }) => [name, value] as const))]
  for (const input of inputs) lines.push('', `Input ${input.job}: ${input.cause.text}`)
  return lines.join('\n')
}

function exitCodeOf(state: Explanation['state']): number {
  if (state === 'fresh') return EXIT.ok
  return state === 'stale' ? EXIT.stale : EXIT.gone
}

function upstreamRow({ name, limits, calls, cool_down: coolDown, breaker }: Upstream): readonly unknown[] {
  return [name, limits.per_minute, calls.day?.used, coolDown?.until, coolDown?.reason, breaker.state]
}
