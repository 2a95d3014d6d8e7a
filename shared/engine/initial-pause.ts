import type { Job } from '#shared/declare/job.ts'
import type { Control } from '#shared/domain/records/control.ts'
import type { PublicControl } from '#shared/domain/records/job-state.ts'

/** A pause without an end; the last day that a date of four digits can name. */
export const NO_END = Date.UTC(9999, 11, 31)

/** Who pauses a job that nobody decided anything for. */
const CONFIGURATION = 'configuration'

type InitialState = Pick<Job, 'initialPause'>

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
