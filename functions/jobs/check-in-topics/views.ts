import type { View } from '#shared/read/view.ts'
import { keysOf } from '#shared/systems/check-ins/job-settings.ts'
import { checkInView } from '#shared/systems/check-ins/project-view.ts'
import type { TopicsRecord } from '#shared/systems/check-ins/records.ts'

const DEFAULT_COUNT = '20'

/** The latest topics; `truncated` says that more were requested than are ever stored. */
const topics = checkInView<TopicsRecord>({
  key: ({ parameters }, job) => keysOf(job).topics(parameters['id'] ?? ''),
  respond: async ({ topics: stored }, { query: { count = DEFAULT_COUNT } }, { job }) => {
    const maxItems = Number(job.settings['CHECKINS_TOPICS_MAX_ITEMS'])
    return {
      data: { topics: stored.slice(0, Number(count)) },
      meta: { truncated: Number(count) > maxItems },
      variant: count,
    }
  },
})

/** The responses, by the view name of the route. */
export const views = { topics } satisfies Readonly<Record<string, View>>
