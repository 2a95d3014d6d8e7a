import type { DueTick } from '#shared/client/generated/types.ts'
import { localText } from '#shared/domain/time.ts'
import type { AddCommands } from '../session.ts'
import { table } from '../tables.ts'

interface PlanOptions {
  readonly from?: string
  readonly to?: string
  readonly job?: string
}

/** When jobs run next. */
export const addPlanCommand: AddCommands = (program, session) => {
  program
    .command('plan')
    .description('every tick of a range, in the zone of its job, in UTC and here, and what skips it')
    .option('--from <time>', 'an ISO time in UTC, not in the past; now by default')
    .option('--to <time>', 'at most 366 days from now; a day after --from by default')
    .option('--job <job>', 'only ticks of one job')
    .action(async (query: PlanOptions) => {
      const { api, print } = await session()
      const { body } = await api.get('/v1/ticks', { query })
      const localZone = Intl.DateTimeFormat().resolvedOptions().timeZone
      print(body, () => {
        const ticks = table(
          ['job', 'there', 'UTC', `here (${localZone})`, 'skipped'],
          body.ticks.map((tick) => tickRow(tick, localZone)),
        )
        if (body.without_ticks.length === 0) return ticks
        const others = body.without_ticks.map(({ job, reason }) => [job, reason])
        return `${ticks}\n\n${table(['without ticks', 'because'], others)}`
      })
    })
}

function tickRow({ job, zone, tick, skipped }: DueTick, localZone: string): readonly unknown[] {
  const at = Date.parse(tick)
  return [job, `${localText(zone, at)} ${zone}`, localText('UTC', at), localText(localZone, at), skipped]
}
