import type { Job } from '#shared/declare/job.ts'
import { occurrences, previousOccurrence } from '#shared/declare/occurrences.ts'
import { clockOf, type Schedule } from '#shared/declare/schedule.ts'
import { tickRunId } from '#shared/domain/ids.ts'
import type { Store } from '#shared/domain/ports/store.ts'
import type { WatchState } from '#shared/domain/records/job-state.ts'
import { newRunRecord, type RunRecord } from '#shared/domain/records/run-record.ts'

/** Added to the age limit of a delivery, which may be about to write its record. */
const GRACE_MS = 60_000

/** After an outage of the watchdog itself, ticks are accounted for this far back. */
const MAX_LOOKBACK_MS = 86_400_000
const MAX_TICKS = 500

/** One after the other, the records of that many ticks of several jobs could take longer than a pass may. */
const RECORDS_AT_ONCE = 10

/** The owner in records that the watchdog writes. */
const OWNER = 'watchdog'

/** Up to when the ticks of which schedule are accounted for, and which of them were missed. */
export interface TickAccount {
  readonly until: number
  readonly schedule: string
  /** Oldest first. */
  readonly missed: readonly number[]
}

/**
 * Records `missed` for each tick that can no longer be delivered: a delivery expires when the next tick is due. Ticks are
 * accounted for from the moment when the job was first checked or its schedule changed. Repeating it without storing the
 * result finds the same ticks.
 */
export async function accountForTicks(
  job: Job,
  watchState: Pick<WatchState, 'checkedUntil' | 'schedule'> | undefined,
  { runs }: Pick<Store, 'runs'>,
  now: number,
): Promise<TickAccount> {
  const clock = clockOf(job.schedule)
  if (!clock) return accountWithoutSchedule(watchState, now)
  const schedule = `${clock.expression} ${clock.zone}`
  if (watchState?.schedule !== schedule) return { until: now, schedule, missed: [] }
  const after = Math.max(watchState.checkedUntil, lookbackStart(clock, now))
  const ticks = occurrences(clock, { after, until: now, limit: MAX_TICKS })
  const due = ticks.filter(
    (_, index) => (ticks[index + 1] ?? Number.POSITIVE_INFINITY) + job.spreadMs + GRACE_MS <= now,
  )
  const last = due.at(-1)
  const missed: number[] = []
  for (let start = 0; start < due.length; start += RECORDS_AT_ONCE) {
    const batch = due.slice(start, start + RECORDS_AT_ONCE)
    const openings = await Promise.all(batch.map((tick) => runs.open(missedRunRecord(job, tick, now))))
    missed.push(...batch.filter((_, index) => openings[index]?.opened))
  }
  return { until: last ?? watchState.checkedUntil, schedule, missed }
}

/** Stored as the schedule of a job that runs on demand. */
const ON_DEMAND = 'on demand'

/** Runs on demand are checked this far back, in steps of the same length, so that a pass seldom writes. */
const ON_DEMAND_LOOKBACK_MS = 3_600_000

/** A job without a schedule has no ticks. */
function accountWithoutSchedule(
  watchState: Pick<WatchState, 'checkedUntil' | 'schedule'> | undefined,
  now: number,
): TickAccount {
  const isRecent =
    watchState?.schedule === ON_DEMAND && now - watchState.checkedUntil < 2 * ON_DEMAND_LOOKBACK_MS
  return {
    until: isRecent ? watchState.checkedUntil : now - ON_DEMAND_LOOKBACK_MS,
    schedule: ON_DEMAND,
    missed: [],
  }
}

/** Just before the last tick of that time: the tick of a daily job expires a whole day after its time. */
function lookbackStart(schedule: Schedule, now: number): number {
  const from = now - MAX_LOOKBACK_MS
  return (previousOccurrence(schedule, from) ?? from) - 1_000
}

/** Stored as the schedule of a job that is off. */
const OFF = 'off'

/** Records that a job is off, so that its ticks are due from the moment when it is enabled again, and not before. */
export async function recordJobOff(
  job: Job,
  watchState: Pick<WatchState, 'schedule'> | undefined,
  { states }: Pick<Store, 'states'>,
  now: number,
): Promise<void> {
  if (watchState !== undefined && watchState.schedule !== OFF) {
    await states.setWatchState(job.id, { checkedUntil: now, schedule: OFF })
  }
}

function missedRunRecord(job: Job, tick: number, now: number): RunRecord {
  const record = newRunRecord(
    { id: tickRunId(job.id, tick), job: job.id, cause: 'tick', tick, owner: OWNER, endsAt: now },
    now,
  )
  return {
    ...record,
    status: 'missed',
    leaseUntil: now,
    endedAt: now,
    message: 'no delivery of this tick was seen before the next was due',
  }
}
