import type { Job } from '#shared/declare/job.ts'
import { occurrences, previousOccurrence } from '#shared/declare/occurrences.ts'
import { clockOf, type Schedule } from '#shared/declare/schedule.ts'
import { tickRunId } from '#shared/domain/ids.ts'
import type { Store } from '#shared/domain/ports/store.ts'
import type { WatchState } from '#shared/domain/records/job-state.ts'
import { newRunRecord, type RunRecord } from '#shared/domain/records/run-record.ts'

/** Beyond the age limit of a delivery: it may still be under way to its record. */
const GRACE_MS = 60_000

/** An outage of the watchdog itself is made up for, so far back and to the tick before. */
const MAX_LOOKBACK_MS = 86_400_000
const MAX_TICKS = 500

/** Who is named as the owner of a record that no run wrote. */
const OWNER = 'watchdog'

/** How far ticks are accounted for, of which schedule, and which of them were found to be missed. */
export interface TickAccount {
  readonly until: number
  readonly schedule: string
  /** Oldest first. */
  readonly missed: readonly number[]
}

/**
 * Records `missed` for each tick that can no longer come: a delivery is given up when the next tick is due. Ticks are
 * accounted for from the moment the job was first seen, or its schedule changed. As long as nobody remembers how far,
 * the same ticks are found again.
 */
export async function accountForTicks(
  job: Job,
  watched: Pick<WatchState, 'checkedUntil' | 'schedule'> | undefined,
  { runs }: Pick<Store, 'runs'>,
  now: number,
): Promise<TickAccount> {
  const clock = clockOf(job.schedule)
  if (!clock) return accountWithoutSchedule(watched, now)
  const schedule = `${clock.expression} ${clock.zone}`
  if (watched?.schedule !== schedule) return { until: now, schedule, missed: [] }
  const after = Math.max(watched.checkedUntil, lookbackStart(clock, now))
  const known = occurrences(clock, { after, until: now, limit: MAX_TICKS })
  const due = known.filter(
    (_, index) => (known[index + 1] ?? Number.POSITIVE_INFINITY) + job.spreadMs + GRACE_MS <= now,
  )
  const last = due.at(-1)
  const missed: number[] = []
  for (const tick of due) {
    const opening = await runs.open(missedRunRecord(job, tick, now))
    if (opening.opened) missed.push(tick)
  }
  return { until: last ?? watched.checkedUntil, schedule, missed }
}

/** What stands in place of the schedule of a job that runs on demand. */
const ON_DEMAND = 'on demand'

/** Runs that readers ask for are looked after for so long, and in steps of it, so that a look seldom writes. */
const ON_DEMAND_LOOKBACK_MS = 3_600_000

/** A job without a clock owes no tick. */
function accountWithoutSchedule(
  watched: Pick<WatchState, 'checkedUntil' | 'schedule'> | undefined,
  now: number,
): TickAccount {
  const isKnown = watched?.schedule === ON_DEMAND && now - watched.checkedUntil < 2 * ON_DEMAND_LOOKBACK_MS
  return {
    until: isKnown ? watched.checkedUntil : now - ON_DEMAND_LOOKBACK_MS,
    schedule: ON_DEMAND,
    missed: [],
  }
}

/** Just before the tick that was the last one then: that of a daily job is given up a whole day after its time. */
function lookbackStart(schedule: Schedule, now: number): number {
  const from = now - MAX_LOOKBACK_MS
  return (previousOccurrence(schedule, from) ?? from) - 1_000
}

/** What stands in place of a schedule while a job is off. */
const OFF = 'off'

/** Notes that a job is off, so that its ticks are owed from the moment it is switched on again, and not before. */
export async function noteJobOff(
  job: Job,
  watched: Pick<WatchState, 'schedule'> | undefined,
  { states }: Pick<Store, 'states'>,
  now: number,
): Promise<void> {
  if (watched !== undefined && watched.schedule !== OFF) {
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
