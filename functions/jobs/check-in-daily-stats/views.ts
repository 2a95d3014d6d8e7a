import type { View } from '#shared/read/view.ts'
import { keysOf } from '#shared/systems/check-ins/job-settings.ts'
import { shanghaiDate } from '#shared/systems/check-ins/keys.ts'
import { checkInView } from '#shared/systems/check-ins/project-view.ts'

/** The statistics of the day in Shanghai: those of a day before are never served as today's. */
const dailyStats = checkInView({
  key: ({ parameters, now }, job) => keysOf(job).dailyStats(parameters['id'] ?? '', shanghaiDate(now)),
})

/** The responses, by the view name of the route. */
export const views = { dailyStats } satisfies Readonly<Record<string, View>>
