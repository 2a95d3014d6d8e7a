import { asRefreshError } from '#shared/domain/errors.ts'
import { eventRunId, freeRunId, ownerId, tickRunId } from '#shared/domain/ids.ts'
import { noCounts } from '#shared/domain/outcome.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import { plan } from './fetch/plan.ts'
import { gate } from './gate/gate.ts'
import { lease } from './gate/lease.ts'
import { applyOverrides } from './model/overrides.ts'
import { conclude } from './model/results.ts'
import type { RunRequest, RunState, RunStep, Work } from './model/run-state.ts'
import { fetchAndPublish } from './publish/fetch-and-publish.ts'
import { recordOutcome } from './record/record.ts'

/** Kept free at the end of a run for publishing and recording. */
const CLOSE_CUTOFF_MS = 3_000

/** A lease outlives its run's deadline by so much, so that clocks a little apart do not matter. */
const LEASE_MARGIN_MS = 5_000

const RUN_RETENTION_MS = 90 * 86_400_000

/** The steps of a run, by name and in order. Each one may end it by setting the outcome. */
const steps: readonly (readonly [name: string, step: RunStep])[] = [
  ['gate', gate],
  ['lease', lease],
  ['plan', plan],
  ['fulfil', fetchAndPublish],
]

/**
 * One attempt to refresh: gate, lease, plan, then for each request fetch, judge, render and publish; at last one
 * recorded outcome. Stopped at any point, the old data are still served and the next tick recovers.
 *
 * @returns the record with its outcome; of a duplicate or merely counted skip, the outcome only, nothing stored
 * @throws when no outcome could be recorded: the caller's invocation is to fail then
 */
export async function run<V>(request: RunRequest, task: Work<V>): Promise<RunRecord> {
  let state = initialState(request, task)
  for (const [name, step] of steps) {
    const job = applyOverrides(state.overrides, task.job)
    state = await runStep(name, step, state, { ...task, job })
    if (state.outcome) break
  }
  const outcome = state.outcome ?? conclude(state.results ?? [])
  return recordOutcome({ ...state, outcome }, task)
}

/** Once the record stands, whatever a step throws is the run's outcome; before that, nobody could be told. */
async function runStep<V>(name: string, step: RunStep, state: RunState, task: Work<V>): Promise<RunState> {
  try {
    return await step(state, task)
  } catch (thrown) {
    if (!state.hasRecord) throw thrown
    const error = asRefreshError(thrown)
    const message = `${name}: ${error.message}`
    return { ...state, outcome: { status: 'failed', reason: error.reason, message, counts: noCounts } }
  }
}

function initialState<V>(request: RunRequest, { job, ports }: Work<V>): RunState {
  const now = ports.clock.now()
  const end = Math.min(now + job.run.deadlineMs, request.stopBy ?? Number.POSITIVE_INFINITY)
  return {
    request,
    deadline: end - CLOSE_CUTOFF_MS,
    hasRecord: false,
    attempts: 0,
    retries: 0,
    record: {
      id: runIdOf(request, job.id, now, ports.random),
      job: job.id,
      cause: request.cause,
      ...(request.tick === undefined ? {} : { tick: request.tick }),
      ...(request.key === undefined ? {} : { key: request.key }),
      ...(request.input === undefined ? {} : { input: request.input }),
      status: 'running',
      owner: ownerId(now, ports.random),
      startedAt: now,
      leaseUntil: end + LEASE_MARGIN_MS,
      duplicates: 0,
      expiresAt: now + RUN_RETENTION_MS,
    },
  }
}

function runIdOf(request: RunRequest, job: string, now: number, random: () => number): string {
  const { tick, event, runId } = request
  if (runId !== undefined) return runId
  if (tick !== undefined) return tickRunId(job, tick)
  if (event !== undefined) return eventRunId(job, event.at, event.id)
  return freeRunId(job, now, random)
}
