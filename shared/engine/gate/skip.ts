import type { Job } from '#shared/declare/job.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { durationText } from '#shared/domain/duration.ts'
import { isSuccess, type Outcome, skippedOutcome } from '#shared/domain/outcome.ts'
import { type Control, pausedOutcome } from '#shared/domain/records/control.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'
import type { Cause } from '#shared/domain/records/run-record.ts'
import { isoText } from '#shared/domain/time.ts'
import { activeOverrides, isSkippedByInterval } from '../model/overrides.ts'
import { isAlreadyRefreshed, type RunState } from '../model/run-state.ts'
import type { Blocked } from '../rate-limit/blocked.ts'
import { isOwnKey, isTriggeredBy } from './input-triggers.ts'
import { overlapOutcome } from './lease.ts'
import { supersededOutcome } from './superseded-ticks.ts'

/** A pause applies to these causes; operators and cold reads still get a run. */
const PAUSABLE_CAUSES: readonly Cause[] = ['tick', 'stale-read', 'first-run', 'input-refreshed']

const READER_CAUSES: readonly Cause[] = ['stale-read', 'cold-read']

interface SkipInputs {
  readonly state: RunState
  readonly job: Job
  readonly jobState: JobState
  readonly control: Control
  readonly blocked: Blocked | undefined
  readonly now: number
}

/** One reason to skip a run; `undefined` when it does not apply. */
type SkipCheck = (inputs: SkipInputs) => Outcome | undefined

/** The outcome of a run that does not take place, from the first check that applies; `undefined` if it does. */
export function skipOutcome(inputs: SkipInputs): Outcome | undefined {
  for (const check of CHECKS) {
    const outcome = check(inputs)
    if (outcome) return outcome
  }
  return undefined
}

export function isOverlap(outcome: Outcome | undefined): boolean {
  return outcome?.status === 'skipped' && outcome.reason === 'overlap'
}

const notConfigured: SkipCheck = ({ job }) =>
  job.off === undefined ? undefined : skippedOutcome('not-configured', job.off)

const keyOfSnapshot: SkipCheck = ({ state, job }) =>
  state.request.key !== undefined && job.stored === 'snapshot'
    ? skippedOutcome('nothing-to-do', 'a snapshot is refreshed as a whole, never one key of it')
    : undefined

const paused: SkipCheck = ({ state, control, now }) =>
  PAUSABLE_CAUSES.includes(state.request.cause) ? pausedOutcome(control, now) : undefined

const notTriggered: SkipCheck = ({ state: { request }, job, jobState, now }) => {
  const { input, key } = request
  if (input === undefined) return undefined
  if (key !== undefined && !isOwnKey(job, key))
    return skippedOutcome('nothing-to-do', `the input refreshed ${key}, which is no key of this job`)
  return isTriggeredBy(input, job, jobState, now)
    ? undefined
    : skippedOutcome('nothing-to-do', 'the data are fresh, and the schedule of the job refreshes them')
}

const skippedByOperator: SkipCheck = ({ state, control: { skip } }) =>
  skip && skip.tick === state.request.tick
    ? skippedOutcome('skipped-by-operator', `skipped by ${skip.by}: ${skip.reason}`)
    : undefined

const snapshotAlreadyRefreshed: SkipCheck = ({ state, job, jobState: { lastSuccessAt } }) =>
  job.stored === 'snapshot' && lastSuccessAt !== undefined && isAlreadyRefreshed(state.request, lastSuccessAt)
    ? skippedOutcome('nothing-to-do', `the set was refreshed at ${isoText(lastSuccessAt)}`)
    : undefined

/** Readers may start an on-demand job again once its data are no longer fresh, and after a failure after as long. */
const tooEarlyForReaders: SkipCheck = ({ state, job, jobState, now }) => {
  const { lastRun } = jobState
  if (!READER_CAUSES.includes(state.request.cause) || clockOf(job.schedule) || !lastRun) return undefined
  const { freshForMs, maxAsOfAgeMs } = job.freshness
  // data that are stale because the source is late do not become fresh by asking again
  const isByTime =
    isSuccess(lastRun.status) && (maxAsOfAgeMs === undefined || jobState.invalidatedAt !== undefined)
  const nextAt = isByTime ? jobState.freshUntil : lastRun.endedAt + freshForMs
  if (nextAt === undefined || nextAt <= now) return undefined
  const message = `readers can start a run once in ${durationText(freshForMs)}, next at ${isoText(nextAt)}`
  return skippedOutcome('nothing-to-do', message)
}

const superseded: SkipCheck = ({ state: { request }, jobState: { lastTick } }) =>
  request.tick !== undefined && lastTick !== undefined && lastTick > request.tick
    ? skippedOutcome('superseded', `the tick of ${isoText(lastTick)} has succeeded`)
    : undefined

const supersededBySchedule: SkipCheck = ({ state: { request }, job, now }) =>
  request.tick === undefined ? undefined : supersededOutcome(request.tick, job, now)

const skippedByInterval: SkipCheck = ({ state: { request }, job, jobState, control }) => {
  const overrides = activeOverrides(job, control)
  if (!overrides || request.tick === undefined) return undefined
  return isSkippedByInterval(request.tick, jobState, overrides)
    ? skippedOutcome(
        'skipped-by-operator',
        'skipped by an override of the interval: the last successful tick is too recent',
      )
    : undefined
}

const upstreamBlocked: SkipCheck = ({ blocked }) => blocked && skippedOutcome(blocked.skip, blocked.message)

/** A task waits for the lease instead. */
const overlapping: SkipCheck = ({ state: { request, record }, jobState: { lease }, now }) =>
  request.key === undefined && record.task === undefined && lease !== undefined && lease.until > now
    ? overlapOutcome(lease.until, now)
    : undefined

const CHECKS: readonly SkipCheck[] = [
  notConfigured,
  keyOfSnapshot,
  paused,
  notTriggered,
  skippedByOperator,
  snapshotAlreadyRefreshed,
  tooEarlyForReaders,
  superseded,
  supersededBySchedule,
  skippedByInterval,
  upstreamBlocked,
  overlapping,
]
