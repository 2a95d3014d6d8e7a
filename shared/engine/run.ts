import { asRefreshError } from '#shared/domain/errors.ts'
import { ownerId } from '#shared/domain/ids.ts'
import { failedOutcome } from '#shared/domain/outcome.ts'
import { newRunRecord, type RunRecord, runIdOf } from '#shared/domain/records/run-record.ts'
import { plan } from './fetch/plan.ts'
import { gate } from './gate/gate.ts'
import { lease } from './gate/lease.ts'
import { applyOverrides } from './model/overrides.ts'
import { conclude } from './model/results.ts'
import type { RunRequest, RunState, RunStep, Work } from './model/run-state.ts'
import { fetchAndPublish } from './publish/fetch-and-publish.ts'
import { retain } from './publish/retain.ts'
import { recordOutcome } from './record/record.ts'

/** No call starts this long before the end of a run, to leave time to publish and record. */
const FETCH_CUTOFF_MS = 3_000

/** The steps of a run, in order, with the names that its error messages use. Each may end the run with an outcome. */
const STEPS: readonly (readonly [name: string, step: RunStep])[] = [
  ['gate', gate],
  ['lease', lease],
  ['plan', plan],
  ['retain', retain],
  ['publish', fetchAndPublish],
]

/**
 * One attempt to refresh: gate, lease, plan, then for each request to an upstream fetch, validate, render and publish; at
 * last one recorded outcome. A job that declares `retains` deletes old rows after its plan. When it is killed at any point, the old data are still served and the next tick recovers.
 * Overrides are applied before each step, because the gate is the step that reads them.
 *
 * @returns the record with its outcome. A duplicate and a skip that is only counted also return a record, which is not
 *   stored
 * @throws when no outcome could be recorded: the caller's invocation must fail then
 */
export async function run<V>(request: RunRequest, work: Work<V>): Promise<RunRecord> {
  let state = initialState(request, work)
  for (const [name, step] of STEPS) {
    const job = applyOverrides(state.overrides, work.job)
    state = await runStep(name, step, state, { ...work, job })
    if (state.outcome) break
  }
  const outcome = state.outcome ?? conclude(state.results ?? [], state.review, state.unfinished)
  return recordOutcome({ ...state, outcome }, work)
}

/** Once the record is stored, an error of a step is the run's outcome; before, the invocation fails. */
async function runStep<V>(name: string, step: RunStep, state: RunState, work: Work<V>): Promise<RunState> {
  try {
    return await step(state, work)
  } catch (thrown) {
    if (!state.hasRecord) throw thrown
    const { reason, message } = asRefreshError(thrown)
    return { ...state, outcome: failedOutcome({ reason, message: `${name}: ${message}` }) }
  }
}

function initialState<V>(request: RunRequest, { job, ports }: Work<V>): RunState {
  const now = ports.clock.now()
  const endsAt = Math.min(now + job.run.deadlineMs, request.stopBy ?? Number.POSITIVE_INFINITY)
  const { cause, tick, key, input } = request
  const id = runIdOf(job.id, request, now, ports.random)
  const owner = ownerId(now, ports.random)
  return {
    request,
    deadline: endsAt - FETCH_CUTOFF_MS,
    hasRecord: false,
    attempts: 0,
    retries: 0,
    slow: 0,
    record: newRunRecord({ id, job: job.id, cause, tick, key, input, owner, endsAt }, now),
  }
}
