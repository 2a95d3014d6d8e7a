import type { Job } from '#shared/declare/job.ts'
import { defined } from '#shared/domain/defined.ts'
import { tickOfRunId } from '#shared/domain/ids.ts'
import type { NamedRecords } from '#shared/domain/ports/store.ts'
import type { Control } from '#shared/domain/records/control.ts'
import type { JobState, PublicControl } from '#shared/domain/records/job-state.ts'
import { newRunRecord, type RunRecord } from '#shared/domain/records/run-record.ts'
import { explain } from '../explain/explain.ts'
import type { CauseCode, Line, NextEvent } from '../explain/explanation.ts'

/** The two lines of an explanation that are for everyone. */
export interface PublicExplanation {
  readonly cause: Line<CauseCode>
  readonly next: NextEvent
}

/**
 * Why the data of a job are as old as they are, and what happens next: {@link explain} from the public states alone. They
 * contain no actor, no reason in free text and nothing that a provider wrote, and not the state of the providers: a run that
 * a provider's cool-down prevented is `skipped` here, where operators see the cool-down.
 *
 * @param states - of all jobs, by id
 */
export function publicExplanation(
  job: Job,
  jobs: readonly Job[],
  states: ReadonlyMap<string, JobState>,
  now: number,
): PublicExplanation {
  const records = { named: publicRecords(states), runs: [], isKeyListed: false }
  const { cause, next } = explain({ job }, { jobs, upstreams: new Map() }, records, now)
  return { cause: withoutDetails(cause), next: withoutDetails(next) }
}

function withoutDetails<L extends Line<string>>({ details: _details, ...line }: L): Omit<L, 'details'> {
  return line
}

function publicRecords(states: ReadonlyMap<string, JobState>): NamedRecords {
  const present = [...states]
  return {
    states,
    controls: new Map(
      present.flatMap(([id, { control }]) => (control ? [[id, controlOf(control)] as const] : [])),
    ),
    runs: new Map(
      present.flatMap(([id, { lastRun }]) =>
        lastRun ? [[lastRun.id, lastRunOf(id, lastRun)] as const] : [],
      ),
    ),
    upstreams: new Map(),
    items: new Map(),
  }
}

function controlOf({ revision, pausedUntil, intervalMs }: PublicControl): Control {
  return {
    revision,
    ...defined({
      pause: pausedUntil === undefined ? undefined : { until: pausedUntil, by: '', reason: '' },
      overrides: intervalMs === undefined ? undefined : { intervalMs },
    }),
  }
}

/** What the public state has of a run, as a record. */
function lastRunOf(
  job: string,
  { id, status, reason, endedAt }: NonNullable<JobState['lastRun']>,
): RunRecord {
  const tick = tickOfRunId(id, job)
  const record = newRunRecord({ id, job, cause: 'tick', tick, owner: '', endsAt: endedAt }, endedAt)
  return { ...record, status, endedAt, ...defined({ reason: reason as RunRecord['reason'] }) }
}
