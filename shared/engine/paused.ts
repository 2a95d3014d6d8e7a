import { type Outcome, skippedOutcome } from '#shared/domain/outcome.ts'
import type { Control } from '#shared/domain/records/control.ts'

/** The outcome of what a pause binds; `undefined` while there is none. Pure. */
export function pausedOutcome({ pause }: Pick<Control, 'pause'>, now: number): Outcome | undefined {
  if (!pause || pause.until <= now) return undefined
  return skippedOutcome(
    'paused',
    `paused until ${new Date(pause.until).toISOString()} by ${pause.by}: ${pause.reason}`,
  )
}
