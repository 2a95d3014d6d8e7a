import { type Job, resolveJob } from '#shared/declare/job.ts'
import type { JobSpec } from '#shared/declare/job-spec.ts'
import { every } from '#shared/declare/schedule.ts'
import type { SettingsTable } from '#shared/declare/settings.ts'
import type { Upstream } from '#shared/declare/upstream.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import type { Control } from '#shared/domain/records/control.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'
import type { Item } from '#shared/domain/records/publication.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'
import { explain } from '#shared/read/explain/explain.ts'
import { pricesJob, pricesUpstream } from '#test/fakes/jobs/prices.ts'
import { sampleItem, sampleRun } from '#test/fakes/store/samples.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE

/** Ticks come at one minute past and every five minutes after that; the newest one is at noon and one minute. */
export const NOW = Date.UTC(2026, 10, 20, 12, 4, 0)
export const TICK = NOW - 3 * MINUTE

type Spec = Partial<JobSpec<SettingsTable>>

/** What the table has about one job. */
interface Stored {
  readonly state?: Partial<JobState>
  readonly control?: Partial<Control>
  readonly runs?: readonly RunRecord[]
  readonly item?: Partial<Item>
}

export interface Case extends Stored {
  readonly spec?: Spec
  readonly key?: string
  readonly upstream?: Partial<UpstreamState>
  readonly policy?: Partial<Upstream>
  readonly isKeyListed?: boolean
  /** The job `prices-input`, which the job has as its input. */
  readonly input?: Stored
  readonly now?: number
}

/** A run of the job that ended, by default with success, a second after its tick. */
export function run(change: Partial<RunRecord> = {}): RunRecord {
  const startedAt = change.startedAt ?? (change.tick ?? TICK) + 1_000
  return sampleRun({
    id: `prices-items-${change.tick ?? TICK}`,
    job: 'prices-items',
    tick: TICK,
    status: 'succeeded',
    startedAt,
    endedAt: startedAt + 1_000,
    ...change,
  })
}

/** A state whose data ran out a while ago, after runs that succeeded. */
export const STALE: Partial<JobState> = { freshUntil: NOW - MINUTE, lastSuccessAt: NOW - 20 * MINUTE }

/** An item that ran out at the same time. */
export const STALE_ITEM: Partial<Item> = {
  key: 'S000',
  checkedAt: NOW - 20 * MINUTE,
  freshUntil: NOW - MINUTE,
  staleUntil: NOW + HOUR,
}

/** The explanation of the job from what a case has stored. */
export function explained(one: Case) {
  const { key, now = NOW } = one
  const job = resolveJob(
    pricesJob('items', { ...(one.input ? { inputs: ['prices-input'] } : {}), ...one.spec }),
    {},
  )
  const input = resolveJob(pricesJob('items', { id: 'prices-input', schedule: every('5 minutes') }), {})
  const upstream = { ...resolveUpstream(pricesUpstream, {}), ...one.policy }
  const stored: readonly (readonly [Job, Stored])[] = [
    [job, one],
    ...(one.input ? [[input, one.input] as const] : []),
  ]
  const mapOf = <T>(value: (stored: Stored) => T | undefined) =>
    new Map(
      stored.flatMap(([{ id }, records]) => {
        const member = value(records)
        return member === undefined ? [] : [[id, member] as const]
      }),
    )
  return explain(
    { job, key },
    { jobs: [job, input], upstreams: new Map([[upstream.name, upstream]]) },
    {
      named: {
        states: mapOf(({ state }): JobState => ({ fence: 1, consecutiveFailures: 0, ...state })),
        controls: mapOf(({ control }): Control => ({ revision: control ? 1 : 0, ...control })),
        upstreams: new Map([
          ['prices', { revision: 1, connections: {}, breaker: { failures: 0 }, ...one.upstream }],
        ]),
        runs: new Map(),
        items: mapOf(({ item }) => item && sampleItem(item)),
      },
      runs: one.runs ?? [],
      isKeyListed: one.isKeyListed ?? one.item !== undefined,
    },
    now,
  )
}
