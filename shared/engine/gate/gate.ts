import type { Job } from '#shared/declare/job.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { durationText } from '#shared/domain/duration.ts'
import { isSuccess, type Outcome, skippedOutcome } from '#shared/domain/outcome.ts'
import {
  type Control,
  effectiveControl,
  type Overrides,
  pausedOutcome,
} from '#shared/domain/records/control.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'
import type { Cause } from '#shared/domain/records/run-record.ts'
import { activeOverrides, isLeftOutByInterval } from '../model/overrides.ts'
import type { RunRequest, RunState, RunStep, Work } from '../model/run-state.ts'
import { type Blocked, checkBlocked } from '../rate-limit/reservation.ts'
import { callerOf, secretVersionAfterAuthFailure } from '../rate-limit/run-budgets.ts'
import { isTriggeredBy } from './input-triggers.ts'
import { overlapOutcome } from './lease.ts'

/** A pause binds what nobody waits for; operators and cold reads pass. */
const PAUSABLE_CAUSES: readonly Cause[] = ['tick', 'stale-read', 'first-run', 'input-refreshed']

/** Over the bus come runs that nobody would miss a record of. */
const CAUSES_WITHOUT_SKIP_RECORD: readonly Cause[] = [
  'stale-read',
  'cold-read',
  'first-run',
  'input-refreshed',
]

/** What readers cause. */
const READER_CAUSES: readonly Cause[] = ['stale-read', 'cold-read']

/** Wishes that any run fulfils. An operator always gets a run, and a refreshed input one that began after it. */
const COALESCABLE_CAUSES: readonly Cause[] = ['stale-read', 'cold-read', 'first-run']

/** Between two looks whether the run that is under way has ended. */
const POLL_MS = 1_000

/**
 * Decides whether the run is to be, and opens its record. A tick always gets one, skipped or running; a skip of a run
 * that the bus asked for only adds to a counter. A second delivery adds to the record's duplicates and goes no
 * further, unless the first one's owner is gone: then this one takes the run over. Where a refreshed input finds a run
 * under way, that one may have planned before: it waits for its turn, for half of its deadline at most.
 */
export const gate: RunStep = async (state, work) => {
  const { clock } = work.ports
  const patience = clock.now() + work.job.run.deadlineMs / 2
  for (;;) {
    const seen = await readGateInputs(state, work)
    const waits = state.request.input !== undefined && isOverlap(seen.outcome)
    if (!waits || clock.now() + POLL_MS > Math.min(patience, state.deadline)) {
      return decide(state, seen, work)
    }
    await clock.sleep(POLL_MS)
  }
}

/** What a run finds out before it is opened. */
interface GateInputs {
  readonly control: Control
  readonly upstreamCheck: UpstreamCheck
  /** Why it is not to be, if so. */
  readonly outcome: Outcome | undefined
}

async function readGateInputs<V>(state: RunState, work: Work<V>): Promise<GateInputs> {
  const { store, clock } = work.ports
  const [jobState, stored, upstreamCheck] = await Promise.all([
    store.states.get(work.job.id),
    store.controls.get(work.job.id),
    checkUpstreams(state, work),
  ])
  const control = effectiveControl(work.job, stored)
  return {
    control,
    upstreamCheck,
    outcome: skipOutcome(state, work, jobState, control, upstreamCheck.blocked, clock.now()),
  }
}

async function decide<V>(
  state: RunState,
  { control, upstreamCheck, outcome }: GateInputs,
  work: Work<V>,
): Promise<RunState> {
  const { store } = work.ports
  if (outcome && !state.hasRecord && CAUSES_WITHOUT_SKIP_RECORD.includes(state.record.cause)) {
    await store.states.countSkip(work.job.id)
    return { ...state, outcome }
  }
  const overrides = activeOverrides(work.job, control)
  warnOfIgnoredSettings(control, overrides, work)
  const going = { ...state, ...upstreamCheck.runState, ...(overrides ? { overrides } : {}) }
  const decided = outcome ? { ...going, outcome } : going
  // a task's record was opened when it was submitted
  return state.hasRecord ? decided : openRecord(decided, work)
}

/** A release may have changed what may be overridden: the setting is as configured then, and somebody should know. */
function warnOfIgnoredSettings<V>(
  control: Control,
  held: Overrides | undefined,
  { job, ports }: Work<V>,
): void {
  const names = Object.keys(control.overrides?.settings ?? {})
  const lapsed = names.filter((name) => held?.settings?.[name] === undefined)
  if (lapsed.length === 0) return
  const message =
    'Settings are overridden that the declaration does not let be, or not so: they are as configured'
  ports.log.warn(message, { job: job.id, settings: lapsed.join(', ') })
}

/** The outcome of a run that must not be; `undefined` when it may go on. */
function skipOutcome<V>(
  state: RunState,
  { job }: Work<V>,
  jobState: JobState,
  control: Control,
  barred: Blocked | undefined,
  now: number,
): Outcome | undefined {
  const { cause, tick, input } = state.request
  if (job.off !== undefined) return skippedOutcome('not-configured', job.off)
  if (state.request.key !== undefined && job.stored === 'snapshot') {
    return skippedOutcome('nothing-to-do', 'a snapshot is refreshed as a whole, never one key of it')
  }
  const { skip: leftOut } = control
  const paused = pausedOutcome(control, now)
  if (paused && PAUSABLE_CAUSES.includes(cause)) return paused
  if (input !== undefined && !isTriggeredBy(input, job, jobState, now)) {
    return skippedOutcome('nothing-to-do', 'its data are fresh, and their own schedule renews them')
  }
  if (leftOut && leftOut.tick === tick) {
    return skippedOutcome('left-out', `left out by ${leftOut.by}: ${leftOut.reason}`)
  }
  const { lastSuccessAt } = jobState
  if (
    job.stored === 'snapshot' &&
    lastSuccessAt !== undefined &&
    isAlreadyRefreshed(state.request, lastSuccessAt)
  ) {
    return skippedOutcome(
      'nothing-to-do',
      `the set was refreshed at ${new Date(lastSuccessAt).toISOString()}`,
    )
  }
  const restsUntil = READER_CAUSES.includes(cause) ? nextReaderRunAt(job, jobState) : undefined
  if (restsUntil !== undefined && restsUntil > now) {
    const often = `once in ${durationText(job.freshness.freshForMs)}`
    const until = new Date(restsUntil).toISOString()
    return skippedOutcome('nothing-to-do', `readers can have it run ${often}, and again from ${until} on`)
  }
  if (tick !== undefined && jobState.lastTick !== undefined && jobState.lastTick > tick) {
    return skippedOutcome(
      'superseded',
      `the tick of ${new Date(jobState.lastTick).toISOString()} has succeeded`,
    )
  }
  const overrides = activeOverrides(job, control)
  if (overrides && tick !== undefined && isLeftOutByInterval(tick, jobState, overrides)) {
    return skippedOutcome(
      'left-out',
      'left out by an override of the interval: the last tick that succeeded is too close',
    )
  }
  if (barred) return skippedOutcome(barred.skip, barred.message)
  const { lease } = jobState
  // a task waits for its turn
  const waits = state.record.task !== undefined
  if (state.request.key === undefined && lease !== undefined && lease.until > now && !waits) {
    return overlapOutcome(lease.until, now)
  }
  return undefined
}

function isOverlap(outcome: Outcome | undefined): boolean {
  return outcome?.status === 'skipped' && outcome.reason === 'overlap'
}

/**
 * Until when readers cannot have a job run again that runs on demand: until what it published is not fresh any more, and
 * after a failure for as long. Whoever reads a copy that is seconds old asks too early.
 */
function nextReaderRunAt(
  { schedule, freshness }: Pick<Job, 'schedule' | 'freshness'>,
  { lastRun, freshUntil }: JobState,
): number | undefined {
  if (clockOf(schedule) || !lastRun) return undefined
  return isSuccess(lastRun.status) ? freshUntil : lastRun.endedAt + freshness.freshForMs
}

interface UpstreamCheck {
  readonly blocked?: Blocked | undefined
  /** What the run learns of the provider by the way. */
  readonly runState?: Pick<RunState, 'upstreamState' | 'secretVersion'>
}

/** Why none of the providers may be called; one that may is enough. */
async function checkUpstreams<V>(state: RunState, work: Work<V>): Promise<UpstreamCheck> {
  const { otherUpstreams = [] } = work
  const first = await checkUpstream(state, work)
  if (!first.blocked) return first
  for (const upstream of otherUpstreams) {
    const { blocked } = await checkUpstream(state, { ...work, upstream })
    if (!blocked) return first.runState ? { runState: first.runState } : {}
  }
  return first
}

/** Why the provider may not be called. What cannot be read does not bind: the budget is asked again before a call. */
async function checkUpstream<V>(state: RunState, work: Work<V>): Promise<UpstreamCheck> {
  const { upstream, ports } = work
  try {
    const upstreamState = await ports.store.upstreams.get(upstream.name)
    const secretVersion = await secretVersionAfterAuthFailure(upstreamState, work)
    const runState = { upstreamState, ...(secretVersion === undefined ? {} : { secretVersion }) }
    const asker = callerOf({ ...state, ...runState })
    return { blocked: checkBlocked(upstreamState, asker, upstream, ports.clock.now()), runState }
  } catch (error) {
    ports.log.warn('The state of an upstream cannot be read', { upstream: upstream.name, error })
    return {}
  }
}

/** Whether what an event wished for was confirmed at `at`, after it was wished for. */
export function isAlreadyRefreshed({ cause, event }: RunRequest, at: number): boolean {
  return event !== undefined && COALESCABLE_CAUSES.includes(cause) && at > event.at
}

async function openRecord<V>(state: RunState, { ports }: Work<V>): Promise<RunState> {
  const { store, clock } = ports
  const opening = await store.runs.open(state.record)
  if (opening.opened) return { ...state, hasRecord: true }
  const { stored } = opening
  const lapsed = stored.status === 'running' && stored.leaseUntil <= clock.now()
  if (lapsed && state.outcome === undefined) {
    const record = { ...state.record, duplicates: stored.duplicates + 1 }
    if (await store.runs.takeOver(record, stored)) return { ...state, record, hasRecord: true }
  }
  await store.runs.countDuplicate(stored.job, stored.id, state.record.owner)
  return { ...state, outcome: skippedOutcome('duplicate', `run ${stored.id} is ${stored.status} already`) }
}
