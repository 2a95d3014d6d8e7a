import type { ControlledJob } from '#shared/client/generated/types.ts'
import { defined } from '#shared/domain/defined.ts'
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
    .action(async (job: string | undefined, { all, for: length, until, reason }: PauseOptions) => {
      const id = idOf(job, all)
      const { api, print } = await session()
      const pause = { body: defined({ for: length && durationOf(length), until, reason }) }
      const { body } = await (id === undefined
        ? api.post('/v1/pause', pause)
        : api.post('/v1/jobs/{id}/pause', { path: { id }, ...pause }))
      print(body, () => resultText(body, ({ pause }) => `paused until ${pause?.until}`))
    })

  program
    .command('resume [job]')
    .description('ends the pause of a job, or of all')
    .option('--all', 'every job')
    .option('--reason <reason>', 'for the audit')
    .action(async (job: string | undefined, { all, reason }: { all?: true; reason?: string }) => {
      const id = idOf(job, all)
      const { api, print } = await session()
      const resume = { body: defined({ reason }) }
      const { body } = await (id === undefined
        ? api.post('/v1/resume', resume)
        : api.post('/v1/jobs/{id}/resume', { path: { id }, ...resume }))
      print(body, () => resultText(body, () => 'not paused'))
    })

  program
    .command('skip <job>')
    .description('skips one of the next ticks')
    .requiredOption('--tick <time>', 'an ISO time in UTC, one of the next runs of freshet job')
    .requiredOption('--reason <reason>', 'for the audit')
    .action(async (id: string, { tick, reason }: { tick: string; reason: string }) => {
      const { api, print } = await session()
      const { body } = await api.post('/v1/jobs/{id}/skip', { path: { id }, body: { tick, reason } })
      print(body, () => resultText(body, ({ skip }) => `skips ${skip?.tick}`))
    })

  program
    .command('override <job>')
    .description('replaces the overrides of a declaration; without options it clears them')
    .option('--every <duration>', 'runs less often, such as 30m')
    .option('--items <keys>', 'only these keys, separated by commas')
    .option('--set <NAME=value...>', 'settings that the job lets operators override')
    .option('--reason <reason>', 'for the audit')
    .action(async (id: string, { every, items, set, reason }: OverrideOptions) => {
      const { api, print } = await session()
      const overrides = defined({
        every: every && durationOf(every),
        items: items?.split(','),
        settings: set && settingsOf(set),
        reason,
      })
      const { body } = await api.put('/v1/jobs/{id}/overrides', { path: { id }, body: overrides })
      print(body, () => resultText(body, ({ overrides }) => `overrides ${JSON.stringify(overrides)}`))
    })
}

interface PauseOptions {
  readonly all?: true
  readonly for?: string
  readonly until?: string
  readonly reason: string
}

interface OverrideOptions {
  readonly every?: string
  readonly items?: string
  readonly set?: readonly string[]
  readonly reason?: string
}

/** The id of a job; `undefined` for all of them. */
function idOf(job: string | undefined, all: true | undefined): string | undefined {
  if ((job === undefined) === (all === undefined))
    throw new CliError(`expected a job or --all, got ${job === undefined ? 'neither' : 'both'}`, {
      exitCode: EXIT.usage,
    })
  return job
}

/** One line for each changed job. */
function resultText(
  body: ControlledJob | { readonly jobs: readonly ControlledJob[] },
  text: (control: ControlledJob['control']) => string,
): string {
  const jobs = 'jobs' in body ? body.jobs : [body]
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
