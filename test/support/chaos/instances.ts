import { setTimeout as sleep } from 'node:timers/promises'
import type { WireRequest, WireResponse } from '#test/support/http/exchange.ts'
import type { LocalProcess } from '#test/support/process/local-process.ts'

/** One process. */
export interface InstanceOptions {
  /** Whether its providers fail as the profile says; else they are well. */
  readonly isStormy: boolean
  /** What its clock says as it starts, in milliseconds since the epoch; where absent, time goes on as ours does. */
  readonly startsAt?: number
  /** When it is over by its clock. All but the last are killed then. They share their data. */
  readonly endsAt: number
  /**
   * What readers and clients have to receive before it ends, by job, status and label (`hama 200 STALE`) or by job and
   * final state (`hama SUCCEEDED`): on a busy machine it ends up to a minute later for them.
   */
  readonly goals?: readonly string[]
  /** How many kinds of responses the simulated providers have to have sent before it ends; it ends later as for goals. */
  readonly callKinds?: number
}

/** Longer than anybody may wait for data that are not there. */
const RESPONSE_TIMEOUT_MS = 15_000

/** A process that is asked, until it is killed. */
export interface Instance {
  readonly system: LocalProcess
  /** `Authorization` of an operator. */
  readonly authorization: string
  /** The time by its clock; milliseconds since the epoch. */
  readonly now: () => number
  killed: boolean
}

/** The process that is running, as soon as there is one; `undefined` once all is over. */
export type CurrentInstance = () => Promise<Instance | undefined>

/**
 * An answer within the time that anybody may wait.
 *
 * @throws what the connection throws; an error that says so when there is none in time
 */
export async function requestInTime(
  { system }: Instance,
  target: string,
  sent: WireRequest = {},
): Promise<WireResponse> {
  const enough = new AbortController()
  const late = sleep(RESPONSE_TIMEOUT_MS, undefined, { signal: enough.signal }).then(() => {
    throw new Error(`none within ${RESPONSE_TIMEOUT_MS} ms`)
  })
  // once there is an answer, the wait is given up, and rejects
  late.catch(() => {})
  try {
    return await Promise.race([system.request(target, sent), late])
  } finally {
    enough.abort()
  }
}

const SECOND_MS = 1_000
const DAY_MS = 86_400_000

/** A time of day by the clocks of the system, as `05:00:50`, on the day after today, or so many days later. */
function timeOfDay(time: string, days = 0): number {
  const tomorrow = (Math.floor(Date.now() / DAY_MS) + 1 + days) * DAY_MS
  return tomorrow + Date.parse(`1970-01-01T${time}Z`)
}

/** The jobs whose data readers follow. */
export const JOBS = ['global-market', 'hama', 'symbol-universe', 'top-gainers', 'funding-rates', 'technical']

const allFresh = JOBS.map((job) => `${job} 200 HIT`)

/**
 * All is well, more than a day after what is asked for by time of day: nothing but the universe may be served any more.
 * Between the ticks of contracts, at each fifth minute, and those of analyses, a minute later, the machine sleeps.
 */
const QUIET_INSTANCES: readonly InstanceOptions[] = [
  {
    isStormy: false,
    startsAt: timeOfDay('12:59:48', 2),
    endsAt: timeOfDay('13:00:06', 2),
    goals: [...allFresh, 'symbol-universe 200 STALE', 'hama SUCCEEDED', 'funding-rates SUCCEEDED'],
  },
  {
    isStormy: false,
    startsAt: timeOfDay('13:00:51', 2),
    endsAt: timeOfDay('13:01:12', 2),
    goals: [...allFresh, 'top-gainers 200 STALE'],
  },
]

/**
 * At least a minute and a half: first runs in peace; five hours later, when analyses are stale, a storm, which goes on seven
 * hours after the first runs, when keys without reads may not be served any more; then no faults again.
 */
export const SHORT_RUN: readonly InstanceOptions[] = [
  { isStormy: false, startsAt: timeOfDay('05:00:52'), endsAt: timeOfDay('05:01:08'), goals: allFresh },
  {
    isStormy: true,
    startsAt: timeOfDay('09:59:50'),
    endsAt: timeOfDay('09:59:58'),
    goals: ['global-market', 'hama', 'funding-rates', 'technical'].map((job) => `${job} 200 STALE`),
  },
  { isStormy: true, startsAt: timeOfDay('11:59:46'), endsAt: timeOfDay('12:00:08'), callKinds: 9 },
  ...QUIET_INSTANCES,
]

/** A storm of as many lives, then peace. @param seconds - of the storm */
export function stormInstances(seconds: number, lives: number): readonly InstanceOptions[] {
  const startsAt = timeOfDay('05:00:50')
  const storm = Array.from({ length: lives }, (_, life) => ({
    isStormy: true,
    ...(life === 0 ? { startsAt } : {}),
    endsAt: startsAt + ((life + 1) * seconds * SECOND_MS) / lives,
  }))
  return [...storm, ...QUIET_INSTANCES]
}
