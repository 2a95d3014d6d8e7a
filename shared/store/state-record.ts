import type { Condition } from '#shared/domain/conditions.ts'
import type { OutcomeStatus } from '#shared/domain/outcome.ts'
import type { JobState, Summary } from '#shared/domain/records/job-state.ts'
import type { Figures } from '#shared/domain/records/run-statistics.ts'
import type { WatchRecord } from '#shared/ports/records/watch-record.ts'
import { type Attributes, defined, Fields, type Plain } from './attributes.ts'

/* The state of a job, as the table holds it. Figures are text: short, because they travel with every write. */

/** Takes the lease off. */
export const GIVE_BACK = 'REMOVE leaseOwner, leaseUntil'

/** Replaces what the summary says; data once published are no longer missing. */
export function summaryUpdate(summary: Summary): { expression: string; values: { [name: string]: Plain } } {
  const { lastRun, lastTick, lastSuccessAt, freshUntil, health } = summary
  const figures = summary.figures && JSON.stringify(summary.figures)
  const set = defined({ lastRun: defined({ ...lastRun }), lastTick, lastSuccessAt, freshUntil, figures })
  const sets = Object.keys(set).map((name) => `${name} = :${name}`)
  const values: { [name: string]: Plain } = {}
  for (const [name, value] of Object.entries(set)) values[`:${name}`] = value as Plain
  if (health === 'success') {
    sets.push('consecutiveFailures = :zero')
    values[':zero'] = 0
  }
  const removed = freshUntil === undefined ? GIVE_BACK : `${GIVE_BACK}, missingSince`
  const added = health === 'failure' ? ' ADD consecutiveFailures :one' : ''
  if (health === 'failure') values[':one'] = 1
  return { expression: `SET ${sets.join(', ')} ${removed}${added}`, values }
}

/** @throws {TypeError | SyntaxError} for what cannot be decoded */
export function readState(attributes: Attributes): JobState {
  const fields = new Fields(attributes)
  const owner = fields.optionalText('leaseOwner')
  const until = fields.optionalNumber('leaseUntil')
  const lastRun = fields.optionalRecord('lastRun')
  const watched = fields.optionalRecord('watched')
  const figures = fields.optionalText('figures')
  const revision = fields.optionalNumber('pauseRevision')
  const keys = fields.optionalText('itemKeys')
  return {
    fence: fields.optionalNumber('fence') ?? 0,
    consecutiveFailures: fields.optionalNumber('consecutiveFailures') ?? 0,
    ...defined({
      lease: owner === undefined || until === undefined ? undefined : { owner, until },
      lastTick: fields.optionalNumber('lastTick'),
      lastSuccessAt: fields.optionalNumber('lastSuccessAt'),
      freshUntil: fields.optionalNumber('freshUntil'),
      missingSince: fields.optionalNumber('missingSince'),
      lastRun: lastRun && readLastRun(lastRun),
      figures: figures === undefined ? undefined : (JSON.parse(figures) as Figures),
      watched: watched && readWatched(watched),
      pause:
        revision === undefined
          ? undefined
          : {
              revision,
              ...defined({
                until: fields.optionalNumber('pausedUntil'),
                everyMs: fields.optionalNumber('everyMs'),
                items: fields.optionalNumber('itemCount'),
                keys: keys === undefined ? undefined : (JSON.parse(keys) as readonly string[]),
              }),
            },
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

/** What the watchdog has seen, as the table holds it. */
export function watchedRecord({ hours, missed, conditions, ...rest }: WatchRecord): Plain {
  return {
    ...rest,
    ...defined({
      hours: hours && JSON.stringify(hours),
      missed: missed && { ...missed },
      conditions: conditions?.join(' '),
    }),
  }
}

function readWatched(fields: Fields): WatchRecord {
  const hours = fields.optionalText('hours')
  const missed = fields.optionalRecord('missed')
  const conditions = fields.optionalText('conditions')
  return {
    until: fields.number('until'),
    schedule: fields.text('schedule'),
    ...defined({
      hours: hours === undefined ? undefined : (JSON.parse(hours) as WatchRecord['hours']),
      missed: missed && { tick: missed.number('tick'), at: missed.number('at') },
      abandonedAt: fields.optionalNumber('abandonedAt'),
      taskFailedAt: fields.optionalNumber('taskFailedAt'),
      taskTimedOutAt: fields.optionalNumber('taskTimedOutAt'),
      barredSince: fields.optionalNumber('barredSince'),
      conditions: conditions?.split(' ') as Condition[] | undefined,
    }),
  }
}
