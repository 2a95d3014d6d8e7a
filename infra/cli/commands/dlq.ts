import type { FailedEvent } from '#shared/client/generated/types.ts'
import { CliError, EXIT } from '../cli-error.ts'
import type { AddCommands } from '../session.ts'
import { relative, table } from '../tables.ts'

/** Events that reached no function, or whose run recorded no outcome. */
export const addDlqCommands: AddCommands = (program, session) => {
  const dlq = program.command('dlq').description('the queues of events that failed')

  dlq
    .command('list')
    .description('the failed events of both queues, newest first: what they asked for, and why they failed')
    .action(async () => {
      const { api, print } = await session()
      const { body } = await api.get('/v1/dlq')
      print(body, () => `${depthText(body.queues)}\n\n${table(COLUMNS, body.messages.map(messageRow))}`)
    })

  dlq
    .command('redrive')
    .description('requests again what failed events asked for, and deletes their messages')
    .option('--queue <queue>', 'undelivered or failed-runs; both by default')
    .option('--job <job>', 'only the events of one job')
    .action(async ({ queue, job }: { queue?: string; job?: string }) => {
      const target = { ...queueOf(queue), ...(job === undefined ? {} : { job }) }
      const { api, print } = await session()
      const { body } = await api.post('/v1/dlq/redrive', { body: target })
      print(body, () => `${body.redriven} redriven, ${body.left} left. ${depthText(body.queues)}`)
    })
}

function queueOf(queue: string | undefined): { queue?: FailedEvent['queue'] } {
  if (queue === undefined) return {}
  if (queue === 'undelivered' || queue === 'failed-runs') return { queue }
  throw new CliError(`--queue: expected undelivered or failed-runs, got ${queue}`, { exitCode: EXIT.usage })
}

const COLUMNS = ['failed', 'queue', 'event', 'job', 'tick or run', 'key', 'error']

function messageRow(message: FailedEvent): readonly unknown[] {
  const { failed_at: at, queue, kind, job, tick, run_id: run, key, error } = message
  return [relative(at), queue, kind ?? 'of no job', job, tick ?? run, key, error]
}

function depthText(queues: readonly { readonly name: string; readonly depth: number }[]): string {
  return queues.map(({ name, depth }) => `${name}: ${depth}`).join(', ')
}
