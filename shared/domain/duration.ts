export const SECOND_MS = 1_000
export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

type Unit = 'second' | 'seconds' | 'minute' | 'minutes' | 'hour' | 'hours' | 'day' | 'days'

/** A duration as declarations write it: `'90 seconds'`, `'24 hours'`. */
export type DurationText = `${number} ${Unit}`

/** A duration as text, or in milliseconds as a resolved setting has it. */
export type Duration = DurationText | number

const UNIT_MS = { second: SECOND_MS, minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS }

/**
 * Milliseconds of a duration.
 *
 * @throws {TypeError} when the text is not a whole or decimal number, a space and a unit, or when the number is not
 *   finite and positive
 */
export function milliseconds(duration: Duration): number {
  if (typeof duration === 'number') {
    if (Number.isFinite(duration) && duration > 0) return duration
    throw new TypeError(`expected a positive number of milliseconds, got ${duration}`)
  }
  const match = /^(\d+(?:\.\d+)?) (second|minute|hour|day)s?$/.exec(duration)
  const amount = Number(match?.[1])
  if (!match || !(amount > 0)) {
    throw new TypeError(
      `expected a duration such as '10 minutes' or '24 hours', got ${JSON.stringify(duration)}`,
    )
  }
  return amount * UNIT_MS[match[2] as keyof typeof UNIT_MS]
}

/** The largest unit that divides a duration evenly: `900000` is `'15 minutes'`. */
export function durationText(ms: number): DurationText {
  for (const unit of ['day', 'hour', 'minute'] as const) {
    const amount = ms / UNIT_MS[unit]
    if (Number.isInteger(amount) && amount > 0) return `${amount} ${unit}${amount === 1 ? '' : 's'}`
  }
  const seconds = ms / UNIT_MS.second
  return `${seconds} ${seconds === 1 ? 'second' : 'seconds'}`
}
