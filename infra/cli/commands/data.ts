import type { Json } from '../api.ts'
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
    .action(async (job: string, { key, prefix, all }) => {
      const { call, print } = await session()
      const { body } = await call('POST', `/v1/jobs/${encodeURIComponent(job)}/invalidate`, {
        key,
        prefix,
        all,
      })
      print(body, () => `${body.invalidated} of ${body.job} are stale now`)
    })

  program
    .command('purge <job>')
    .description('deletes stored data with their history, for good')
    .option('--key <key>', 'one key')
    .option('--all', 'all keys')
    .requiredOption('--confirm <job>', 'the id of the job, once more')
    .action(async (job: string, { key, all, confirm }) => {
      if (key === undefined && !all)
        throw new CliError('expected --key or --all, got neither', { exitCode: EXIT.usage })
      const { call, print } = await session()
      const { body } = await call('POST', `/v1/jobs/${encodeURIComponent(job)}/purge`, { key, all, confirm })
      print(body, () => `${JSON.stringify(body.purged)} of ${body.job} are deleted`)
    })

  program
    .command('rejected <job>')
    .description('bodies and values that validation refused, newest first')
    .action(async (job: string) => {
      const { call, print } = await session()
      const { body } = await call('GET', `/v1/jobs/${encodeURIComponent(job)}/rejected`)
      print(body, () =>
        table(
          ['key', 'at', 'reason', 'message'],
          body.rejected.map(({ key, at, reason, message }: Json) => [key, at, reason, message]),
        ),
      )
    })
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
