import type { Condition } from '#shared/domain/conditions.ts'
import { defined } from '#shared/domain/defined.ts'
import type { OutcomeStatus } from '#shared/domain/outcome.ts'
import {
  invalidationState,
  type JobState,
  type PublicControl,
  type RunSummaryUpdate,
  type WatchState,
} from '#shared/domain/records/job-state.ts'
import type { RunStatistics } from '#shared/domain/records/run-statistics.ts'
import { type AttributeInput, type Attributes, Fields } from './table/attributes.ts'

/* The stored form of a job's state. Statistics are JSON text, which is shorter: they are part of every write. */

/** The expression that removes the lease. */
export const RELEASE_LEASE = 'REMOVE leaseOwner, leaseUntil'

/** The update for a run's summary. It releases the lease, and published data are no longer missing. */
export function summaryUpdate(summary: RunSummaryUpdate): {
  expression: string
  values: { [name: string]: AttributeInput }
} {
  const { lastRun, lastTick, lastSuccessAt, freshUntil, confirmedSince, health } = summary
  const statistics = summary.statistics && JSON.stringify(summary.statistics)
  const set = defined({
    lastRun: defined({ ...lastRun }),
    lastTick,
    lastSuccessAt,
    freshUntil,
    confirmedSince,
    statistics,
  })
  const sets = Object.keys(set).map((name) => `${name} = :${name}`)
  const values: { [name: string]: AttributeInput } = {}
  for (const [name, value] of Object.entries(set)) values[`:${name}`] = value as AttributeInput
  if (health === 'success') {
    sets.push('consecutiveFailures = :zero')
    values[':zero'] = 0
  }
  const removed = freshUntil === undefined ? RELEASE_LEASE : `${RELEASE_LEASE}, missingSince`
  const added = health === 'failure' ? ' ADD consecutiveFailures :one' : ''
  if (health === 'failure') values[':one'] = 1
  return { expression: `SET ${sets.join(', ')} ${removed}${added}`, values }
}

/** @throws {TypeError | SyntaxError} for a record that cannot be decoded */
export function readState(attributes: Attributes): JobState {
  const fields = new Fields(attributes)
  const owner = fields.optionalText('leaseOwner')
  const until = fields.optionalNumber('leaseUntil')
  const lastRun = fields.optionalRecord('lastRun')
  const watchState = fields.optionalRecord('watchState')
  return {
    fence: fields.optionalNumber('fence') ?? 0,
    consecutiveFailures: fields.optionalNumber('consecutiveFailures') ?? 0,
    ...defined({
      lease: owner === undefined || until === undefined ? undefined : { owner, until },
      lastTick: fields.optionalNumber('lastTick'),
      lastSuccessAt: fields.optionalNumber('lastSuccessAt'),
      ...invalidationState({
        freshUntil: fields.optionalNumber('freshUntil'),
        invalidatedAt: fields.optionalNumber('invalidatedAt'),
        confirmedSince: fields.optionalNumber('confirmedSince'),
      }),
      missingSince: fields.optionalNumber('missingSince'),
      lastRun: lastRun && readLastRun(lastRun),
      statistics: fields.optionalJson<RunStatistics>('statistics'),
      watchState: watchState && readWatchState(watchState),
      control: readPublicControl(fields),
    }),
  }
}

function readPublicControl(fields: Fields): PublicControl | undefined {
  const revision = fields.optionalNumber('controlRevision')
  if (revision === undefined) return undefined
  return {
    revision,
    ...defined({
      pausedUntil: fields.optionalNumber('pausedUntil'),
      intervalMs: fields.optionalNumber('intervalMs'),
      itemCount: fields.optionalNumber('itemCount'),
      itemKeys: fields.optionalJson<readonly string[]>('itemKeys'),
    }),
  }
}

function readLastRun(fields: Fields): NonNullable<JobState['lastRun']> {
  return {
    id: fields.text('id'),
    status: fields.text('status') as OutcomeStatus,
    endedAt: fields.number('endedAt'),
    ...defined({ reason: fields.optionalText('reason') }),
  }
}

/** The stored form of the watchdog's state. */
export function watchStateRecord({ hours, days, missed, conditions, ...rest }: WatchState): AttributeInput {
  return {
    ...rest,
    ...defined({
      hours: hours && JSON.stringify(hours),
      days: days && JSON.stringify(days),
      missed: missed && { ...missed },
      conditions: conditions?.join(' '),
    }),
  }
}

function readWatchState(fields: Fields): WatchState {
  const missed = fields.optionalRecord('missed')
  const conditions = fields.optionalText('conditions')
  return {
    checkedUntil: fields.number('checkedUntil'),
    schedule: fields.text('schedule'),
    ...defined({
      hours: fields.optionalJson<NonNullable<WatchState['hours']>>('hours'),
      days: fields.optionalJson<NonNullable<WatchState['days']>>('days'),
      missed: missed && { tick: missed.number('tick'), at: missed.number('at') },
      abandonedAt: fields.optionalNumber('abandonedAt'),
      taskFailedAt: fields.optionalNumber('taskFailedAt'),
      taskTimedOutAt: fields.optionalNumber('taskTimedOutAt'),
      coolingSince: fields.optionalNumber('coolingSince'),
      conditions: conditions?.split(' ') as Condition[] | undefined,
    }),
  }
}
