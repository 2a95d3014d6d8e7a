import { asJson } from '#shared/domain/json.ts'
import type { ParseContext, Refresh } from '#shared/engine/model/refresh.ts'
import { expectNoFault } from '#shared/engine/validate/verdicts.ts'
import { recordIdentity } from '#shared/systems/check-ins/images.ts'
import { keysOf } from '#shared/systems/check-ins/job-settings.ts'
import { groupCalls, projectCalls, projectPlan } from '#shared/systems/check-ins/project-plan.ts'
import { type TopicsRecord, topicsRecord } from '#shared/systems/check-ins/records.ts'
import { shortList } from '#shared/systems/check-ins/short-list.ts'
import { runSummary } from '#shared/systems/common/run-summary.ts'
import { parseTopics } from '#shared/upstreams/check-ins/topics.ts'

export const refresh: Refresh<ReturnType<typeof parseTopics>> = {
  renderVersion: 1,

  ...projectPlan({
    keys: (id, { job }) => [keysOf(job).topics(id)],
    call: ({ id }, job) => groupCalls(job).topics(id),
  }),

  parse: ([body], { now }) => parseTopics(body, { now }),

  accept: ({ topics }, context) =>
    expectNoFault(shortList('topics', { rows: topics.length, storedRows: storedRows(context) }, context)),

  review: ({ lost }, { key }) => ({
    lost: lost.map(({ name, message }) => ({ name: `${key} ${name ?? 'a topic'}`, message })),
    distrusted: [],
  }),

  item: ({ topics, lost }, { job, now }) => {
    const record = topicsRecord(topics, Number(job.settings['CHECKINS_TOPICS_MAX_ITEMS']))
    return {
      data: asJson(record),
      identity: recordIdentity(record),
      asOf: now,
      degraded: lost.length > 0,
      isEmpty: record.topics.length === 0,
    }
  },

  summarizeRun: runSummary('checkins_topics', 'projects'),

  maxCalls: (job) => projectCalls(job, 1, Number(job.settings['CHECKINS_INTERVAL_TOPICS'])),
}

function storedRows({ previous }: Pick<ParseContext, 'previous'>): number | undefined {
  return (previous?.data as TopicsRecord | undefined)?.topics.length
}
