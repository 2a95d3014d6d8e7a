import { freshness } from '#shared/domain/freshness.ts'
import type { PublicationTimes } from '#shared/read/representation.ts'
import type { ServableItem, View } from '#shared/read/view.ts'
import { keysOf } from '#shared/systems/check-ins/job-settings.ts'
import { shanghaiDate } from '#shared/systems/check-ins/keys.ts'
import { checkInView } from '#shared/systems/check-ins/project-view.ts'
import type { DailyStatsRecord, ProjectStatsRecord } from '#shared/systems/check-ins/records.ts'

/** The job that stores the statistics of the day. */
const DAILY_STATS = 'check-in-daily-stats'

/** The statistics of a project. Today's check-ins are those of the day's statistics where the provider does not state them. */
const stats = checkInView<ProjectStatsRecord>({
  key: ({ parameters }, job) => keysOf(job).stats(parameters['id'] ?? ''),
  respond: async ({ form, ...record }, { parameters, now }, context, stored) => {
    const response = { data: record, meta: { form } }
    if (record.today_checkins !== null) return response
    const daily = await context.itemOf(
      DAILY_STATS,
      keysOf(context.job).dailyStats(parameters['id'] ?? '', shanghaiDate(now)),
    )
    if (!daily || freshness(daily.representation, now) !== 'fresh') return response
    const { total_checkins } = JSON.parse(daily.representation.text()) as DailyStatsRecord
    return {
      data: { ...record, today_checkins: total_checkins },
      meta: { form },
      variant: `${total_checkins} ${daily.representation.fetchedAt}`,
      times: timesWith(daily, stored),
    }
  },
})

/** A response is as fresh as the statistics; one with those of the day has changed when they did. */
function timesWith({ representation: daily }: ServableItem, stored: PublicationTimes): PublicationTimes {
  const dataSource = daily.dataSource === 'simulated' ? daily.dataSource : stored.dataSource
  return { ...stored, dataSource, modifiedAt: Math.max(stored.fetchedAt, daily.fetchedAt) }
}

/** The responses, by the view name of the route. */
export const views = { stats } satisfies Readonly<Record<string, View>>
