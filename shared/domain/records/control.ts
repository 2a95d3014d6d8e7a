import { type Outcome, skippedOutcome } from '../outcome.ts'
import type { PublicControl } from './job-state.ts'

/**
 * What operators decided for a job, changed only over the state that the change was made from.
 * Times are milliseconds since the Unix epoch.
 */
export interface Control {
  /** Counts changes; 0 where nothing is stored. */
  readonly revision: number
  /** Names the change that made this state, so that its own maker knows it again after a lost answer. */
  readonly change?: string
  readonly pause?: Pause
  /** The one scheduled moment that is left out. */
  readonly skip?: Skip
  readonly overrides?: Overrides
}

/** Until when ticks and stale reads ask for nothing, who said so, and why. */
interface Pause {
  readonly until: number
  readonly reason: string
  readonly by: string
}

interface Skip {
  readonly tick: number
  readonly reason: string
  readonly by: string
}

/** What holds in place of the declaration, where that allows it. */
export interface Overrides {
  /** Of each such interval, counted from the epoch, all ticks but one are left out: a schedule can only be thinned. */
  readonly intervalMs?: number
  /** Half of the schedule's own interval: by so much ticks are closer or further apart where clocks change. */
  readonly toleranceMs?: number
  /** When that was decided: the first tick after it runs, because what was published before is not fresh for as long. */
  readonly decidedAt?: number
  /** Keys that are refreshed, of those that the job plans. */
  readonly items?: readonly string[]
  /** Settings, as they would be written in the environment. */
  readonly settings?: Readonly<Record<string, string>>
}

/** A pause without an end; the last day that a date of four digits can name. */
export const NO_END = Date.UTC(9999, 11, 31)

/** Who pauses a job that nobody decided anything for. */
const CONFIGURATION = 'configuration'

interface InitialState {
  readonly initialPause?: string
}

/**
 * What was decided for a job: what operators did, and where they did nothing yet, whether the configuration creates it
 * paused. Whoever asks whether a job is paused asks this, or {@link pausedUntil} where only that is known which anybody
 * is told.
 */
export function effectiveControl(job: InitialState, control: Control): Control {
  const pause = initialPause(job, control)
  return pause ? { ...control, pause } : control
}

/** Until when a job is paused, as anybody is told; `undefined` where it is not. */
export function pausedUntil(job: InitialState, control: PublicControl | undefined): number | undefined {
  return initialPause(job, control ?? { revision: 0 })?.until ?? control?.pausedUntil
}

/** Whether a pause is that of the configuration: nobody has confirmed it. */
export function isInitialPause(pause: Control['pause']): boolean {
  return pause?.by === CONFIGURATION
}

/** From the first decision on, the configuration says nothing any more. */
function initialPause(
  { initialPause: startsPaused }: InitialState,
  { revision }: Pick<Control, 'revision'>,
): Control['pause'] {
  if (revision > 0 || startsPaused === undefined) return undefined
  return { until: NO_END, reason: startsPaused, by: CONFIGURATION }
}

/** The outcome of what a pause binds; `undefined` while there is none. Pure. */
export function pausedOutcome({ pause }: Pick<Control, 'pause'>, now: number): Outcome | undefined {
  if (!pause || pause.until <= now) return undefined
  return skippedOutcome(
    'paused',
    `paused until ${new Date(pause.until).toISOString()} by ${pause.by}: ${pause.reason}`,
  )
}

/** Characters of keys that are told: every run reads and writes them with the job's state. */
const MAX_KEYS_LENGTH = 4_096

/** What anybody may know of what operators decided for a job. */
export function publicControl({ revision, pause, overrides }: Control): PublicControl {
  const { intervalMs, items } = overrides ?? {}
  return {
    revision,
    ...(pause ? { pausedUntil: pause.until } : {}),
    ...(intervalMs === undefined ? {} : { intervalMs }),
    ...(items === undefined ? {} : { itemCount: items.length }),
    ...(items && items.join().length <= MAX_KEYS_LENGTH ? { itemKeys: items } : {}),
  }
}
