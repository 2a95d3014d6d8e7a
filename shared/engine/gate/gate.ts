import { defined } from '#shared/domain/defined.ts'
import { type Outcome, skippedOutcome } from '#shared/domain/outcome.ts'
import { pollUntil } from '#shared/domain/polling.ts'
import { type Control, effectiveControl, type Overrides } from '#shared/domain/records/control.ts'
import type { Cause } from '#shared/domain/records/run-record.ts'
import { activeOverrides } from '../model/overrides.ts'
import type { ProviderWork, RunState, RunStep, Work } from '../model/run-state.ts'
import { type Blocked, checkBlocked } from '../rate-limit/blocked.ts'
import { callerOf, secretVersionAfterAuthFailure } from '../rate-limit/run-budgets.ts'
import { isOverlap, skipOutcome } from './skip.ts'

/** Requests over the bus: their skips are only counted, not recorded. */
const CAUSES_WITHOUT_SKIP_RECORD: readonly Cause[] = [
  'stale-read',
  'cold-read',
  'first-run',
  'input-refreshed',
]

/** Wait between two checks whether a run under way has ended. */
const POLL_MS = 1_000

/**
 * Decides whether the run takes place, and opens its record. A tick always gets a record, skipped or running; a skip of
 * a run that the bus requested is only counted. A second delivery counts as a duplicate of the record and ends, unless
 * the lease of the first one has expired: then it takes the run over. A run that a refreshed input requests waits for a
 * run under way, which may have planned before, for at most half of its deadline.
 */
export const gate: RunStep = async (state, work) => {
  const { clock } = work.ports
  const deadline = Math.min(clock.now() + work.job.run.deadlineMs / 2, state.deadline)
  let inputs = await readGateInputs(state, work)
  if (state.request.input !== undefined && isOverlap(inputs.outcome)) {
    await pollUntil(clock, { deadline, firstMs: POLL_MS, startsWithWait: true }, async () => {
      inputs = await readGateInputs(state, work)
      return isOverlap(inputs.outcome) ? undefined : inputs
    })
  }
  return decide(state, inputs, work)
}

/** What the gate decides from. */
interface GateInputs {
  readonly control: Control
  readonly upstreamCheck: UpstreamCheck
  /** Why the run does not take place; `undefined` if it does. */
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
  const { blocked } = upstreamCheck
  const { job } = work
  const outcome = skipOutcome({ state, job, jobState, control, blocked, now: clock.now() })
  return { control, upstreamCheck, outcome }
}

async function decide<V>(
  state: RunState,
  { control, upstreamCheck, outcome }: GateInputs,
  work: Work<V>,
): Promise<RunState> {
  const { blocked, runState } = upstreamCheck
  const isBlocked = outcome?.status === 'skipped' && outcome.reason === blocked?.skip
  const blockedBy = isBlocked ? blocked.reason : undefined
  if (outcome && !state.hasRecord && CAUSES_WITHOUT_SKIP_RECORD.includes(state.record.cause)) {
    await work.ports.store.states.countSkip(work.job.id)
    return { ...state, outcome, ...defined({ blockedBy }) }
  }
  const overrides = activeOverrides(work.job, control)
  warnOfIgnoredSettings(control, overrides, work)
  const decided = { ...state, ...runState, ...defined({ overrides, outcome, blockedBy }) }
  // the record of a task was opened when it was submitted
  return state.hasRecord ? decided : openRecord(decided, work)
}

/** A release may have changed which settings can be overridden: the others have their configured values again. */
function warnOfIgnoredSettings<V>(
  control: Control,
  overrides: Overrides | undefined,
  { job, ports }: Work<V>,
): void {
  const names = Object.keys(control.overrides?.settings ?? {})
  const ignored = names.filter((name) => overrides?.settings?.[name] === undefined)
  if (ignored.length === 0) return
  const message =
    'Overrides of settings are ignored: the declaration does not allow them, or cannot parse their values'
  ports.log.warn(message, { job: job.id, settings: ignored.join(', ') })
}

interface UpstreamCheck {
  readonly blocked?: Blocked | undefined
  /** The provider's state, for the rest of the run. */
  readonly runState?: Pick<RunState, 'upstreamState' | 'secretVersion'>
}

/**
 * Why none of the providers may be called; one that may is enough. A run that plans from what is stored may need no call,
 * so that only its calls are refused.
 */
async function checkUpstreams<V>(state: RunState, work: Work<V>): Promise<UpstreamCheck> {
  const { upstream: provider } = work
  if (!provider) return {}
  const first = await checkUpstream(state, { ...work, upstream: provider })
  if (work.refresh.keys) return defined({ runState: first.runState })
  if (!first.blocked) return first
  for (const upstream of work.otherUpstreams ?? []) {
    const { blocked } = await checkUpstream(state, { ...work, upstream })
    if (!blocked) return defined({ runState: first.runState })
  }
  return first
}

/** Why a provider may not be called. A state that cannot be read does not block: every call reserves a budget later. */
async function checkUpstream<V>(state: RunState, work: ProviderWork<V>): Promise<UpstreamCheck> {
  const { upstream, ports } = work
  try {
    const upstreamState = await ports.store.upstreams.get(upstream.name)
    const secretVersion = await secretVersionAfterAuthFailure(upstreamState, work)
    const runState = { upstreamState, ...defined({ secretVersion }) }
    const caller = callerOf({ ...state, ...runState })
    return { blocked: checkBlocked(upstreamState, caller, upstream, ports.clock.now()), runState }
  } catch (error) {
    ports.log.warn('The state of an upstream cannot be read', { upstream: upstream.name, error })
    return {}
  }
}

async function openRecord<V>(state: RunState, { ports }: Work<V>): Promise<RunState> {
  const { store, clock } = ports
  const opening = await store.runs.open(state.record)
  if (opening.opened) return { ...state, hasRecord: true }
  const { stored } = opening
  const hasExpired = stored.status === 'running' && stored.leaseUntil <= clock.now()
  if (hasExpired && state.outcome === undefined) {
    const record = { ...state.record, duplicates: stored.duplicates + 1 }
    if (await store.runs.takeOver(record, stored)) return { ...state, record, hasRecord: true }
  }
  await store.runs.countDuplicate(stored.job, stored.id, state.record.owner)
  const message = `a duplicate delivery: the run ${stored.id} is ${stored.status}`
  return { ...state, outcome: skippedOutcome('duplicate', message) }
}
