import { assertNever } from '#shared/domain/errors.ts'
import { isSuccess } from '#shared/domain/outcome.ts'
import type { BusEvent } from '#shared/domain/ports/bus.ts'
import type { RunSummaryUpdate } from '#shared/domain/records/job-state.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import { withRun } from '#shared/domain/records/run-statistics.ts'
import { leaseScope } from '../gate/lease.ts'
import type { Work } from '../model/run-state.ts'
import { type FinishedState, logOutcome } from './run-log.ts'

/**
 * Writes the run's one outcome, gives the lease back with the summary, says it on the bus and in one log line. When
 * the record has become somebody else's, nothing is said of this end but a warning.
 *
 * @throws when the outcome could not be recorded: then, and only then, the invocation is to fail
 */
export async function recordOutcome<V>(state: FinishedState, work: Work<V>): Promise<RunRecord> {
  const { ports, job } = work
  const ended = closedRecord(state, ports.clock.now())
  const isOurs = !state.hasRecord || (await ports.store.runs.close(ended))
  if (state.fence !== undefined || state.record.task) await releaseLease(state, ended, isOurs, work)
  if (!isOurs) {
    const message = 'Another invocation has taken the run over, or the watchdog has given it up'
    ports.log.warn(message, { job: job.id, run_id: ended.id, outcome: ended.status })
    return ended
  }
  if (state.hasRecord) await publishEvent(state, ended, work)
  logOutcome(state, ended, work)
  return ended
}

/** The outcome stands already: a lease that cannot be given back lapses, and the next run replaces the summary. */
async function releaseLease<V>(state: FinishedState, ended: RunRecord, isOurs: boolean, work: Work<V>) {
  const { job, ports } = work
  const what = isOurs ? summaryUpdate(state, ended, work) : undefined
  try {
    await ports.store.states.release(job.id, leaseScope(state), ended.owner, what)
  } catch (error) {
    ports.log.warn('The lease could not be given back', { job: job.id, run_id: ended.id, error })
  }
}

function closedRecord({ record, outcome, attempts }: FinishedState, now: number): RunRecord {
  return {
    ...record,
    status: outcome.status,
    endedAt: now,
    attempts,
    ...('reason' in outcome ? { reason: outcome.reason } : {}),
    ...('message' in outcome ? { message: outcome.message } : {}),
    ...('counts' in outcome ? { counts: outcome.counts } : {}),
  }
}

/**
 * A run of one key, of a part, or of what is stored says nothing of the whole plan: it leaves the summary alone. While
 * a key has no value at all, the data stay overdue since when they were: there is no newer moment at which all were
 * fresh.
 */
function summaryUpdate<V>(
  state: FinishedState,
  ended: RunRecord,
  { refresh }: Work<V>,
): RunSummaryUpdate | undefined {
  const { outcome, request, results = [] } = state
  const endedAt = ended.endedAt ?? ended.startedAt
  const isPart = state.reusesStored || refresh.isPartialUpdate?.(request.params ?? {})
  if (request.key !== undefined || isPart || outcome.status === 'skipped') return undefined
  const success = isSuccess(outcome.status)
  const freshUntil = Math.min(...results.map((one) => one.freshUntil ?? Number.NaN))
  return {
    lastRun: {
      id: ended.id,
      status: outcome.status,
      endedAt,
      ...('reason' in outcome ? { reason: outcome.reason } : {}),
    },
    ...(success && ended.tick !== undefined ? { lastTick: ended.tick } : {}),
    ...(success ? { lastSuccessAt: endedAt } : {}),
    ...(success && Number.isFinite(freshUntil) ? { freshUntil } : {}),
    health: success ? 'success' : 'failure',
    statistics: withRun(state.statistics, {
      at: endedAt,
      durationMs: endedAt - ended.startedAt,
      retries: state.retries,
      isFailed: !success,
      ...('reason' in outcome ? { reason: outcome.reason } : {}),
      ...('counts' in outcome ? { counts: outcome.counts } : {}),
    }),
  }
}

/** Notifications, never the truth: one that the bus does not take is logged, and the run's outcome stands. */
async function publishEvent<V>(
  { outcome, request }: FinishedState,
  ended: RunRecord,
  { job, upstream, ports, refresh }: Work<V>,
) {
  const event = notification()
  if (!event) return
  try {
    await ports.bus.publish(event)
  } catch (error) {
    ports.log.warn('The bus did not take an event', {
      job: job.id,
      run_id: ended.id,
      event: event.type,
      error,
    })
  }

  function notification(): BusEvent | undefined {
    const common = { job: job.id, runId: ended.id }
    const isWhole = request.key === undefined && !refresh.isPartialUpdate?.(request.params ?? {})
    switch (outcome.status) {
      case 'succeeded':
      case 'partial':
        return isWhole && outcome.counts.published > 0
          ? {
              type: 'dataset.refreshed',
              detail: {
                ...common,
                keys: outcome.counts.published,
                at: new Date(ended.endedAt ?? ended.startedAt).toISOString(),
              },
            }
          : undefined
      case 'failed':
        return { type: 'run.failed', detail: { ...common, reason: outcome.reason, upstream: upstream.name } }
      case 'unchanged':
      case 'skipped':
      case 'abandoned':
      case 'missed':
        return undefined
      default:
        return assertNever(outcome)
    }
  }
}
