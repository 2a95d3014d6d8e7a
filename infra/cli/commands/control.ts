import type { Json } from '../api.ts'
import { CliError, EXIT } from '../cli-error.ts'
import type { AddCommands } from '../session.ts'

/** What runs on its schedule, and with what. */
export const addControlCommands: AddCommands = (program, session) => {
  program
    .command('pause [job]')
    .description('pauses a job, or all of them: its ticks are skipped')
    .option('--all', 'every job')
    .option('--for <duration>', 'such as 2h, 30m or "2 hours"')
    .option('--until <time>', 'an ISO time in UTC')
    .requiredOption('--reason <reason>', 'for the audit')
    .action(async (job: string | undefined, { all, for: length, until, reason }) => {
      const path = pathOf(job, all, 'pause')
      const { call, print } = await session()
      const { body } = await call('POST', path, { for: length && durationOf(length), until, reason })
      print(body, () => resultText(body, ({ pause }) => `paused until ${pause.until}`))
    })

  program
    .command('resume [job]')
    .description('ends the pause of a job, or of all')
    .option('--all', 'every job')
    .action(async (job: string | undefined, { all }) => {
      const path = pathOf(job, all, 'resume')
      const { call, print } = await session()
      const { body } = await call('POST', path, {})
      print(body, () => resultText(body, () => 'not paused'))
    })

  program
    .command('skip <job>')
    .description('skips one of the next ticks')
    .requiredOption('--tick <time>', 'an ISO time in UTC, one of the next runs of freshet job')
    .requiredOption('--reason <reason>', 'for the audit')
    .action(async (job: string, { tick, reason }) => {
      const { call, print } = await session()
      const { body } = await call('POST', `/v1/jobs/${encodeURIComponent(job)}/skip`, { tick, reason })
      print(body, () => resultText(body, ({ skip }) => `skips ${skip.tick}`))
    })

  program
    .command('override <job>')
    .description('replaces the overrides of a declaration; without options it clears them')
    .option('--every <duration>', 'runs less often, such as 30m')
    .option('--items <keys>', 'only these keys, separated by commas')
    .option('--set <NAME=value...>', 'settings that the job lets operators override')
    .action(async (job: string, { every, items, set }) => {
      const { call, print } = await session()
      const { body } = await call('PUT', `/v1/jobs/${encodeURIComponent(job)}/overrides`, {
        every: every && durationOf(every),
        items: items?.split(','),
        settings: set && settingsOf(set),
      })
      print(body, () => resultText(body, ({ overrides }) => `overrides ${JSON.stringify(overrides)}`))
    })
}

function pathOf(job: string | undefined, all: true | undefined, action: string): string {
  if ((job === undefined) === (all === undefined))
    throw new CliError(`expected a job or --all, got ${job === undefined ? 'neither' : 'both'}`, {
      exitCode: EXIT.usage,
    })
  return job === undefined ? `/v1/${action}` : `/v1/jobs/${encodeURIComponent(job)}/${action}`
}

function resultText(body: Json, text: (control: Json) => string): string {
  const jobs: readonly Json[] = body.jobs ?? [body]
  return jobs.map(({ job, control }) => `${job}: ${text(control)}`).join('\n')
}

const UNITS: Readonly<Record<string, string>> = { s: 'seconds', m: 'minutes', h: 'hours', d: 'days' }

/** A duration as the API reads it; `2h` is `2 hours`. */
function durationOf(text: string): string {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? []
  return amount === undefined ? text : `${amount} ${UNITS[unit]}`
}

function settingsOf(pairs: readonly string[]): Readonly<Record<string, string>> {
  const entries = pairs.map((pair) => pair.split(/=(.*)/s, 2) as [string, string | undefined])
  const wrong = entries.find(([, value]) => value === undefined)
  if (wrong) throw new CliError(`--set: expected NAME=value, got ${wrong[0]}`, { exitCode: EXIT.usage })
  return Object.fromEntries(entries) as Record<string, string>
}
