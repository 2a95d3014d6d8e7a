import { now } from '../data/clock.ts'
import { bothTimes, relativeText } from '../data/times.ts'

interface TimeProps {
  readonly at: string | null
  /** Adds the time there. */
  readonly zone?: string | undefined
  /** The text of a time that has passed; how long ago, by default. */
  readonly past?: string
}

/** A time, relative in text and in full on hover. */
export function Time({ at, zone, past }: TimeProps) {
  if (at === null) return <span>never</span>
  const ms = Date.parse(at)
  return (
    <time dateTime={at} title={bothTimes(ms, zone)}>
      {past !== undefined && ms <= now.value ? past : relativeText(ms, now.value)}
    </time>
  )
}
