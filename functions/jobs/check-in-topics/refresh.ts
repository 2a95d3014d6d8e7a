import { asJson } from '#shared/domain/json.ts'
import type { ParseContext, Refresh } from '#shared/engine/model/refresh.ts'
import { expectNoFault } from '#shared/engine/validate/verdicts.ts'
import { recordIdentity } from '#shared/systems/check-ins/images.ts'
import { keysOf } from '#shared/systems/check-ins/job-settings.ts'
import { groupCalls, projectCalls, projectPlan } from '#shared/systems/check-ins/project-plan.ts'
import { type TopicsRecord, topicsRecord } from '#shared/systems/check-ins/records.ts'
import { droppedRows, shortList } from '#shared/systems/check-ins/short-list.ts'
import { runSummary } from '#shared/systems/common/run-summary.ts'
import { type CheckInTopic, parseTopics } from '#shared/upstreams/check-ins/topics.ts'

export const refresh: Refresh<ReturnType<typeof parseTopics>> = {
  renderVersion: 1,

  ...projectPlan({
    keys: (id, { job }) => [keysOf(job).topics(id)],
    call: ({ id }, job) => groupCalls(job).topics(id),
  }),

  parse: ([body], { now }) => parseTopics(body, { now }),

  accept: ({ topics }, context) =>
    expectNoFault(
      shortList('topics', { rows: topics.length, storedRows: storedIds(context).length }, context),
    ),

  totals: ({ topics }, context) =>
    droppedRows(
      storedIds(context),
      topics.map(({ topicId }) => topicId),
    ),

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
      degraded: lost.length > 0 || topics.some(isIncomplete),
      isEmpty: record.topics.length === 0,
    }
  },

  summarizeRun: runSummary('checkins_topics', 'projects'),

  maxCalls: (job) => projectCalls(job, 1, Number(job.settings['CHECKINS_INTERVAL_TOPICS'])),
}

/** Whether a member is missing that every topic has. */
function isIncomplete({ createdAt, user }: CheckInTopic): boolean {
  return createdAt === null || user === null
}

function storedIds({ previous }: Pick<ParseContext, 'previous'>): readonly string[] {
  const { topics = [] } = (previous?.data ?? {}) as Partial<TopicsRecord>
  return topics.map(({ topic_id }) => topic_id)
}
