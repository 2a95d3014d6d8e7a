import type { Job } from '#shared/declare/job.ts'
import type { Upstream } from '#shared/declare/upstream.ts'
import { defined } from '#shared/domain/defined.ts'
import { freshness } from '#shared/domain/freshness.ts'
import type { NamedRecords } from '#shared/domain/ports/store.ts'
import { type Control, effectiveControl } from '#shared/domain/records/control.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'
import type { Item } from '#shared/domain/records/publication.ts'
import { isLive, type RunRecord } from '#shared/domain/records/run-record.ts'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'
import { activeOverrides, applyOverrides } from '#shared/engine/model/overrides.ts'
import { type UpstreamBlock, upstreamBlock } from '#shared/engine/rate-limit/blocked.ts'
import type { CauseCode, DataState, Explanation, Line } from './explanation.ts'

/** The records that explanations are made from. */
export interface ExplainRecords {
  /**
   * Of the job and all jobs that it depends on, and of their upstreams: states, controls, the run of the latest tick and
   * the last run. Items of the key that is explained.
   */
  readonly named: NamedRecords
  /** The newest runs of the job, newest first. */
  readonly runs: readonly RunRecord[]
  /** Whether the job has listed the key: a value was stored, or was about to be. */
  readonly isKeyListed: boolean
}

interface UpstreamWithState {
  readonly upstream: Upstream
  readonly state: UpstreamState
}

/** What the records show about one job, or one key of it, at a time. All times are milliseconds since the epoch. */
export interface Situation {
  /** With the operators' overrides. */
  readonly job: Job
  readonly key?: string
  readonly now: number
  readonly state: JobState
  readonly control: Control
  readonly isPaused: boolean
  /** The newest ones, newest first; of an input the run of its latest tick and its last run. */
  readonly runs: readonly RunRecord[]
  readonly item?: Item
  readonly data: DataState
  readonly upstreams: readonly UpstreamWithState[]
  /** The run under way, of the whole plan or of the key. */
  readonly running?: { readonly id?: string; readonly since?: number; readonly until: number }
  /** The job's inputs, fresh ones too. */
  readonly inputs: readonly Explanation[]
}

/** One possible cause; `undefined` when the records do not show it. */
export type CauseCheck = (situation: Situation) => Line<CauseCode> | undefined

interface Subject {
  readonly job: Job
  readonly key?: string | undefined
  /** Whether it is the job that is explained, not one of its inputs. */
  readonly isMain: boolean
}

/** Reads a {@link Situation} from the records. Pure. */
export function situationOf(
  { job: declared, key, isMain }: Subject,
  upstreams: ReadonlyMap<string, Upstream>,
  records: ExplainRecords,
  inputs: readonly Explanation[],
  now: number,
): Situation {
  const { named } = records
  const state = named.states.get(declared.id) ?? { fence: 0, consecutiveFailures: 0 }
  const control = effectiveControl(declared, named.controls.get(declared.id) ?? { revision: 0 })
  const job = applyOverrides(activeOverrides(declared, control), declared)
  const runs = runsOf(declared, isMain ? records.runs : [], named)
  const item = key === undefined ? undefined : named.items.get(job.id)
  const data =
    key === undefined ? stateOfJob(job, state, now) : stateOfKey(item, isMain && records.isKeyListed, now)
  return {
    job,
    now,
    state,
    control,
    isPaused: control.pause !== undefined && control.pause.until > now,
    runs,
    data,
    upstreams: job.upstreams.flatMap((name) => {
      const upstream = upstreams.get(name)
      const upstreamState = named.upstreams.get(name)
      return upstream && upstreamState ? [{ upstream, state: upstreamState }] : []
    }),
    inputs,
    ...defined({ key, item, running: runningRun(state, runs, key, now) }),
  }
}

/** The newest runs of a job with those that were read by their names, newest first. */
function runsOf(job: Job, listed: readonly RunRecord[], { runs }: NamedRecords): readonly RunRecord[] {
  const named = [...runs.values()].filter((run) => run.job === job.id)
  const all = new Map([...named, ...listed].map((run) => [run.id, run]))
  return [...all.values()].sort((a, b) => (b.tick ?? b.startedAt) - (a.tick ?? a.startedAt))
}

/** Without a key: by the last complete run, because single keys may have been refreshed since. */
function stateOfJob({ freshness: policy }: Job, state: JobState, now: number): DataState {
  const { freshUntil, lastSuccessAt } = state
  if (freshUntil !== undefined && now < freshUntil) return 'fresh'
  if (lastSuccessAt === undefined) return freshUntil === undefined ? 'never' : 'stale'
  if (isPurged(state)) return 'gone'
  return now < lastSuccessAt + policy.serveStaleForMs ? 'stale' : 'gone'
}

/** Whether an operator has deleted data since the last complete run. */
export function isPurged({ freshUntil, lastSuccessAt, missingSince }: JobState): boolean {
  return (
    freshUntil === undefined &&
    lastSuccessAt !== undefined &&
    missingSince !== undefined &&
    missingSince >= lastSuccessAt
  )
}

function stateOfKey(item: Item | undefined, isListed: boolean, now: number): DataState {
  if (!item) return isListed ? 'gone' : 'never'
  return item.isAbsent ? 'gone' : freshness(item, now)
}

function runningRun(
  { lease }: JobState,
  runs: readonly RunRecord[],
  key: string | undefined,
  now: number,
): Situation['running'] {
  const run = runs.find(
    (candidate) =>
      candidate.status === 'running' &&
      (candidate.key === undefined || candidate.key === key) &&
      (candidate.task ? isLive(candidate, now) : candidate.leaseUntil > now),
  )
  if (run) return { id: run.id, since: run.startedAt, until: run.task?.deadlineAt ?? run.leaseUntil }
  return lease && lease.until > now ? { until: lease.until } : undefined
}

/** What keeps a run of the whole plan from calling a provider. */
export interface JobBlock extends UpstreamWithState {
  readonly block: UpstreamBlock
  /** When a run can start: it waits for the end of a cool-down that is within its deadline. `Infinity`: not by itself. */
  readonly freeAt: number
}

/**
 * What keeps a scheduled run that starts at a time from calling any provider: the block after which a run can start first.
 * `undefined` if one provider may be called, and for a derived job.
 */
export function jobBlock(
  { job, upstreams }: Pick<Situation, 'job' | 'upstreams'>,
  at: number,
): JobBlock | undefined {
  const { deadlineMs } = job.run
  const caller = {
    owner: '',
    deadline: at + deadlineMs,
    countsForBreaker: true,
    forOperator: false,
    isInteractive: false,
  }
  const blocks: JobBlock[] = []
  for (const { upstream, state } of upstreams) {
    const block = upstreamBlock(state, caller, upstream, at)
    if (!block) return undefined
    blocks.push({ upstream, state, block, freeAt: freeAt(block, deadlineMs) })
  }
  return blocks.sort((a, b) => a.freeAt - b.freeAt)[0]
}

function freeAt(block: UpstreamBlock, deadlineMs: number): number {
  if (!('until' in block)) return Number.POSITIVE_INFINITY
  return block.kind === 'cool-down' || block.kind === 'full-minute' ? block.until - deadlineMs : block.until
}

/** The newest run of the whole plan that is over and stands for a tick or a request of its own. */
export function lastPlanRun({ runs }: Pick<Situation, 'runs'>): RunRecord | undefined {
  return runs.find(
    ({ key, status, reason }) =>
      key === undefined &&
      status !== 'running' &&
      reason !== 'superseded' &&
      reason !== 'duplicate' &&
      reason !== 'coalesced',
  )
}
