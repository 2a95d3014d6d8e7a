import { defined } from '#shared/domain/defined.ts'
import { CliError, EXIT } from '../cli-error.ts'
import type { AddCommands } from '../session.ts'
import { inWords, table } from '../tables.ts'

/** What is stored. */
export const addDataCommands: AddCommands = (program, session) => {
  program
    .command('get <path>')
    .description('an answer of the API, with its freshness in words')
    .action(async (path: string) => {
      const { call, print } = await session()
      const { body, headers } = await call('GET', path)
      print(body, () => `${freshnessText(headers)}\n${JSON.stringify(body, null, 2)}`)
    })

  program
    .command('invalidate <job>')
    .description('marks stored data as stale; nothing is deleted')
    .option('--key <key>', 'one key')
    .option('--prefix <prefix>', 'all keys that begin with it')
    .option('--all', 'all keys')
    .option('--reason <reason>', 'for the audit')
    .action(async (id: string, target: InvalidateOptions) => {
      const { api, print } = await session()
      const { body } = await api.post('/v1/jobs/{id}/invalidate', { path: { id }, body: target })
      print(body, () => `${body.invalidated} of ${body.job} are stale now`)
    })

  program
    .command('purge <job>')
    .description('deletes stored data with their history, for good')
    .option('--key <key>', 'one key')
    .option('--all', 'all keys')
    .requiredOption('--confirm <job>', 'the id of the job, once more')
    .option('--reason <reason>', 'for the audit')
    .action(async (id: string, { key, all, confirm, reason }: PurgeOptions) => {
      if (key === undefined && !all)
        throw new CliError('expected --key or --all, got neither', { exitCode: EXIT.usage })
      const { api, print } = await session()
      const target = { ...defined({ key, all, reason }), confirm }
      const { body } = await api.post('/v1/jobs/{id}/purge', { path: { id }, body: target })
      print(body, () => `${JSON.stringify(body.purged)} of ${body.job} are deleted`)
    })

  program
    .command('rejected <job>')
    .description('bodies and values that validation refused, newest first')
    .action(async (id: string) => {
      const { api, print } = await session()
      const { body } = await api.get('/v1/jobs/{id}/rejected', { path: { id } })
      print(body, () =>
        table(
          ['key', 'at', 'reason', 'message'],
          body.rejected.map(({ key, at, reason, message }) => [key, at, reason, message]),
        ),
      )
    })
}

interface InvalidateOptions {
  readonly key?: string
  readonly prefix?: string
  readonly all?: true
  readonly reason?: string
}

interface PurgeOptions {
  readonly key?: string
  readonly all?: true
  readonly confirm: string
  readonly reason?: string
}

/** What the headers of an answer say, in words. */
function freshnessText(headers: Readonly<Record<string, string | undefined>>): string {
  const { age, 'x-cache': cache, 'x-data-source': source } = headers
  if (cache === undefined || age === undefined) return 'An answer without a stored value.'
  const state = {
    HIT: 'fresh',
    STALE: 'stale',
    MISS: 'fetched for this request',
    BYPASS: 'fetched for this request',
  }[cache]
  const origin = source === 'simulated' ? ', simulated' : ''
  return `${state ?? cache}${origin}, confirmed ${inWords(Number(age))} ago`
}
