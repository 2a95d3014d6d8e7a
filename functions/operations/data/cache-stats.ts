import { READ_METRIC } from '#functions/runtime/metric-names.ts'
import type { Job } from '#shared/declare/job.ts'
import { HOUR_MS } from '#shared/domain/duration.ts'
import { runsInLastHour } from '#shared/domain/records/run-statistics.ts'
import type { OperationContext, OperationPorts } from '../http/operation.ts'
import { expectOnlyParameters } from '../http/request.ts'
import { inEnvelope } from '../http/response.ts'

/** Stored values that are read to measure them, of one job: ten requests of the table. */
const MAX_MEASURED = 1_000

/** The window of both ratios. */
const WINDOW_MS = HOUR_MS

/**
 * What is stored of several jobs, how often their refreshes succeed, and how often reads are answered from what is stored;
 * documented path. A figure that is not known is `null`, with the reason beside it.
 */
export const showCacheStats = inEnvelope(async (_job, call) => {
  expectOnlyParameters(call.request.query, [])
  const { alias, system, ports } = call
  if (alias?.operation !== 'show-cache-stats')
    throw new TypeError(`expected an alias of show-cache-stats, got ${alias?.operation}`)
  const jobs = system.jobs.filter(({ id }) => alias.jobs.includes(id))
  const [stored, refreshes, hits] = await Promise.all([
    Promise.all(jobs.map(async (job) => [job.id, await storedItems(job, ports)] as const)),
    refreshSuccess(jobs, ports),
    hitRatio(call),
  ])
  return {
    enabled: jobs.some(({ off }) => off === undefined),
    keys: stored.reduce((sum, [, { count }]) => sum + count, 0),
    items: Object.fromEntries(stored),
    ...hits,
    ...refreshes,
    window_minutes: WINDOW_MS / 60_000,
  }
})

/**
 * The number of stored values of a job, and the bytes of their bodies, compressed as they are stored. Of a job with more
 * keys than are measured, the number is that of its keys, of which some may have expired, and the bytes are `null`.
 */
async function storedItems({ id }: Job, { store }: OperationPorts) {
  const keys = await store.keys.list(id)
  if (keys.length > MAX_MEASURED) return { count: keys.length, bytes: null }
  const items = await store.items.getMany(id, keys, { consistent: false })
  const bytes = [...items.values()].reduce((sum, { body }) => sum + body.byteLength, 0)
  return { count: items.size, bytes }
}

/** Of the runs of whole plans within the window; runs of single keys and skipped runs are not counted. */
async function refreshSuccess(jobs: readonly Job[], { store, clock }: OperationPorts) {
  const states = await Promise.all(jobs.map(({ id }) => store.states.get(id)))
  const counts = states.map(({ statistics }) => runsInLastHour(statistics, clock.now()))
  const runs = counts.reduce((sum, count) => sum + count.runs, 0)
  const failed = counts.reduce((sum, count) => sum + count.failed, 0)
  return runs > 0
    ? { refresh_success_ratio: ratio(runs - failed, runs), refresh_success_reason: null }
    : { refresh_success_ratio: null, refresh_success_reason: 'no run has ended in this time' }
}

/** Reads are counted over all datasets: a series for each would cost money. */
const HIT_RATIO_SCOPE = 'all datasets'

async function hitRatio({ ports: { metrics, clock, log } }: OperationContext) {
  const to = clock.now()
  const unknown = (reason: string) => ({
    hit_ratio: null,
    hit_ratio_scope: HIT_RATIO_SCOPE,
    hit_ratio_reason: reason,
  })
  try {
    const sums = await metrics.sums([READ_METRIC.reads, READ_METRIC.hits], { from: to - WINDOW_MS, to })
    const { [READ_METRIC.reads]: reads, [READ_METRIC.hits]: hits } = sums
    if (reads === 0) return unknown('no reads were counted in this time')
    return { hit_ratio: ratio(hits, reads), hit_ratio_scope: HIT_RATIO_SCOPE, hit_ratio_reason: null }
  } catch (error) {
    log.warn('The metrics of reads cannot be read', { error })
    return unknown('the metrics cannot be read')
  }
}

/** Four digits are enough for a ratio of counts. */
function ratio(part: number, whole: number): number {
  return Number((part / whole).toFixed(4))
}
