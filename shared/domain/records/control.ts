import { defined } from '../defined.ts'
import { type Outcome, skippedOutcome } from '../outcome.ts'
import { isoText } from '../time.ts'
import type { PublicControl } from './job-state.ts'

/**
 * Operators' decisions about a job, changed by compare-and-swap on the revision.
 * Times are milliseconds since the Unix epoch.
 */
export interface Control {
  /** Counts changes; 0 where nothing is stored. */
  readonly revision: number
  /** Id of the change that wrote this state, so that its writer recognises it after a lost response. */
  readonly change?: string
  readonly pause?: Pause
  /** The one tick that is skipped. */
  readonly skip?: Skip
  readonly overrides?: Overrides
}

/** A pause: ticks, stale reads, first runs and refreshed inputs start no run before `until`. */
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

/** Values that replace declared ones, where the declaration allows it. */
export interface Overrides {
  /** One tick runs in each interval of this length, counted from the epoch; a schedule cannot tick more often. */
  readonly intervalMs?: number
  /** Half of the schedule's own interval: tolerance for ticks that are closer or further apart when clocks change. */
  readonly toleranceMs?: number
  /** When the override was set: the first tick after it runs, because data published before are fresh for less time. */
  readonly decidedAt?: number
  /** Keys to refresh, of those that the job plans. */
  readonly items?: readonly string[]
  /** Settings by name, as text like in the environment. */
  readonly settings?: Readonly<Record<string, string>>
}

/** End of a pause without an end: the last day whose year has four digits. */
export const NO_END = Date.UTC(9999, 11, 31)

/** `by` of the initial pause. */
const CONFIGURATION = 'configuration'

interface InitialState {
  readonly initialPause?: string
}

/**
 * The control that applies to a job: the operators' decisions, or before the first one the initial pause of the
 * configuration. Use it, or {@link pausedUntil} for the public state, to find out whether a job is paused.
 */
export function effectiveControl(job: InitialState, control: Control): Control {
  const pause = initialPause(job, control)
  return pause ? { ...control, pause } : control
}

/** Until when a job is paused, from its public state; `undefined` when it is not. */
export function pausedUntil(job: InitialState, control: PublicControl | undefined): number | undefined {
  return initialPause(job, control ?? { revision: 0 })?.until ?? control?.pausedUntil
}

/** Whether a pause comes from the configuration, not from an operator. */
export function isInitialPause(pause: Control['pause']): boolean {
  return pause?.by === CONFIGURATION
}

/** The pause of the configuration; it ends with the first decision of an operator. */
function initialPause(
  { initialPause: reason }: InitialState,
  { revision }: Pick<Control, 'revision'>,
): Control['pause'] {
  if (revision > 0 || reason === undefined) return undefined
  return { until: NO_END, reason, by: CONFIGURATION }
}

/** The outcome of a run that a pause prevents; `undefined` when there is no pause. */
export function pausedOutcome({ pause }: Pick<Control, 'pause'>, now: number): Outcome | undefined {
  if (!pause || pause.until <= now) return undefined
  return skippedOutcome('paused', `paused until ${isoText(pause.until)} by ${pause.by}: ${pause.reason}`)
}

/** Maximum length of the public keys, in characters: every run reads and writes them with the job's state. */
const MAX_KEYS_LENGTH = 4_096

/** The public part of the control of a job. */
export function publicControl({ revision, pause, overrides }: Control): PublicControl {
  const { intervalMs, items } = overrides ?? {}
  return {
    revision,
    ...defined({
      pausedUntil: pause?.until,
      intervalMs,
      itemCount: items?.length,
      itemKeys: items && items.join().length <= MAX_KEYS_LENGTH ? items : undefined,
    }),
  }
}
