import type { ReportedBreach } from '#shared/domain/conditions.ts'
import { defined } from '#shared/domain/defined.ts'
import { assertNever } from '#shared/domain/errors.ts'
import type { FreshnessPolicy } from '#shared/domain/freshness.ts'
import { isSuccess } from '#shared/domain/outcome.ts'
import type { BusEvent } from '#shared/domain/ports/bus.ts'
import type { RunSummaryUpdate } from '#shared/domain/records/job-state.ts'
import type { LostNames, RunRecord } from '#shared/domain/records/run-record.ts'
import { addRun } from '#shared/domain/records/run-statistics.ts'
import { isoText } from '#shared/domain/time.ts'
import { leaseScope } from '../gate/lease.ts'
import { MAX_NAMED } from '../model/review.ts'
import type { KeyResult, Work } from '../model/run-state.ts'
import { type FinishedState, logOutcome } from './run-log.ts'

/**
 * Records the run's one outcome (I5), releases the lease with the summary, publishes an event and writes one log line.
 * When the record belongs to another owner by now, it only logs a warning.
 *
 * @throws when the outcome could not be recorded: then, and only then, the invocation must fail
 */
export async function recordOutcome<V>(state: FinishedState, work: Work<V>): Promise<RunRecord> {
  const { ports, job } = work
  const { record, outcome, attempts } = state
  const lost = lostNames(state)
  const ended: RunRecord = {
    ...record,
    ...outcome,
    endedAt: ports.clock.now(),
    attempts,
    ...defined({ lost }),
  }
  const isOurs = !state.hasRecord || (await ports.store.runs.close(ended))
  if (state.fence !== undefined || record.task) await releaseLease(state, ended, isOurs, work)
  if (!isOurs) {
    const message = 'Another invocation has taken over the run, or the watchdog has closed it'
    ports.log.warn(message, { job: job.id, run_id: ended.id, outcome: ended.status })
    return ended
  }
  if (state.hasRecord) await publishEvent(state, ended, work)
  if (endsWait(state)) await recordColdEnd(state, ended, work)
  logOutcome(state, ended, work)
  return ended
}

/** The failed keys and the lost rows of a run; `undefined` without any. */
function lostNames({ results = [], review }: FinishedState): LostNames | undefined {
  const failed = results.flatMap(({ key, status }) => (status === 'failed' ? [key] : []))
  const count = failed.length + (review?.lost ?? 0)
  if (count === 0) return undefined
  return { count, names: [...failed, ...(review?.names ?? [])].slice(0, MAX_NAMED) }
}

/** The outcome is recorded already: a lease that cannot be released expires, and the next run writes the summary. */
async function releaseLease<V>(state: FinishedState, ended: RunRecord, isOurs: boolean, work: Work<V>) {
  const { job, ports } = work
  const summary = isOurs ? summaryUpdate(state, ended, work) : undefined
  try {
    await ports.store.states.release(job.id, leaseScope(state), ended.owner, summary)
  } catch (error) {
    ports.log.warn('The lease could not be released', { job: job.id, run_id: ended.id, error })
  }
}

/**
 * The summary after a run of the whole plan. Runs of one key, of a part or of what is stored do not change it. While a
 * key has no value at all, `freshUntil` stays: the data remain overdue since their last complete refresh.
 */
function summaryUpdate<V>(
  state: FinishedState,
  ended: RunRecord,
  { job, refresh }: Work<V>,
): RunSummaryUpdate | undefined {
  const { outcome, request, results = [] } = state
  const isPart = state.reusesStored || refresh.isPartialUpdate?.(request.params ?? {})
  if (request.key !== undefined || isPart || outcome.status === 'skipped') return undefined
  const { id, reason, counts, tick, startedAt, endedAt = startedAt } = ended
  const hasSucceeded = isSuccess(outcome.status)
  const freshUntil = publicFreshUntil(results, job.freshness)
  return {
    lastRun: { id, status: outcome.status, endedAt, ...defined({ reason }) },
    ...(hasSucceeded
      ? defined({
          lastTick: tick,
          lastSuccessAt: endedAt,
          freshUntil: Number.isFinite(freshUntil) ? freshUntil : undefined,
          confirmedSince: startedAt,
        })
      : {}),
    health: hasSucceeded ? 'success' : 'failure',
    statistics: addRun(state.statistics, {
      at: endedAt,
      durationMs: endedAt - startedAt,
      retries: state.retries,
      attempts: state.attempts,
      slow: state.slow,
      refused: results.filter(isRefused).length,
      isFailed: !hasSucceeded,
      ...defined({ reason, counts, reported: state.breaches?.map(reportedBreach) }),
    }),
  }
}

function isRefused(result: KeyResult): boolean {
  return result.status === 'failed' && result.error.reason === 'refused'
}

/** A condition as the watchdog reads it. */
function reportedBreach({ condition, value, limit }: ReportedBreach): ReportedBreach {
  return { condition, value, limit }
}

/**
 * Until when the data of a run are fresh: the earliest time of its keys; with `maxAsOfAge`, no longer than its newest
 * source time allows, so that one key whose source stopped does not make the whole job overdue for ever. `NaN` while a
 * key has no value.
 */
function publicFreshUntil(results: readonly KeyResult[], { maxAsOfAgeMs }: FreshnessPolicy): number {
  const earliest = Math.min(...results.map((result) => result.freshUntil ?? Number.NaN))
  const sourceTimes = results.flatMap(({ asOf }) => asOf ?? [])
  if (maxAsOfAgeMs === undefined || sourceTimes.length === 0) return earliest
  return Math.min(earliest, Math.max(...sourceTimes) + maxAsOfAgeMs)
}

/** Another run goes on for the same data: the reader waits for it. */
const SKIPS_BESIDE_A_RUN: readonly RunRecord['reason'][] = ['overlap', 'duplicate', 'coalesced']

/** Whether a reader waits for data that this run does not bring. */
function endsWait({ request, outcome }: FinishedState): boolean {
  if (request.cause !== 'cold-read') return false
  if (outcome.status === 'skipped') return !SKIPS_BESIDE_A_RUN.includes(outcome.reason)
  return outcome.status === 'failed'
}

/** Ends the wait of readers. When that cannot be stored, they wait for as long as they may. */
async function recordColdEnd<V>(
  { request, outcome, blockedBy }: FinishedState,
  { id, endedAt = 0 }: RunRecord,
  work: Work<V>,
) {
  const { job, ports } = work
  const cause = outcome.status === 'failed' ? outcome.reason : blockedBy
  try {
    await ports.store.states.setColdEnd(job.id, request.key, { runId: id, endedAt, ...defined({ cause }) })
  } catch (error) {
    ports.log.warn('Waiting readers could not be informed', { job: job.id, run_id: id, error })
  }
}

/** Events are notifications: when the bus does not accept one, the outcome stays, and a warning is logged. */
async function publishEvent<V>(state: FinishedState, ended: RunRecord, work: Work<V>) {
  const event = notification(state, ended, work)
  if (!event) return
  const { job, ports } = work
  try {
    await ports.bus.publish(event)
  } catch (error) {
    const fields = { job: job.id, run_id: ended.id, event: event.type, error }
    ports.log.warn('The bus did not accept an event', fields)
  }
}

function notification<V>(
  { outcome, request }: FinishedState,
  { id, endedAt, startedAt }: RunRecord,
  { job, upstream, refresh }: Work<V>,
): BusEvent | undefined {
  const { key, params = {} } = request
  // a part of a snapshot does not renew it
  const isPart = job.stored === 'snapshot' && (key !== undefined || refresh.isPartialUpdate?.(params))
  switch (outcome.status) {
    case 'succeeded':
    case 'partial': {
      const keys = outcome.counts.published
      if (isPart || keys === 0) return undefined
      const at = isoText(endedAt ?? startedAt)
      return { type: 'dataset.refreshed', detail: { job: job.id, runId: id, keys, at, ...defined({ key }) } }
    }
    case 'failed': {
      const { reason } = outcome
      const detail = { job: job.id, runId: id, reason, ...defined({ upstream: upstream?.name }) }
      return { type: 'run.failed', detail }
    }
    case 'unchanged':
    case 'skipped':
    case 'abandoned':
    case 'missed':
      return undefined
    default:
      return assertNever(outcome)
  }
}
