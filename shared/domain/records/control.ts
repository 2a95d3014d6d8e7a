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
