import { now } from '../data/clock.ts'
import { absoluteText, bothTimes, relativeText } from '../data/times.ts'

const INSTANT = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/

interface SentenceProps {
  /** May contain times, ISO 8601 in UTC. */
  readonly text: string
  /** IANA name of the zone in which a time is added on hover. */
  readonly zone?: string | undefined
}

/** A sentence of the API, with its times in the reader's zone and relative: `until 11:41 (in 9 min)`. */
export function Sentence({ text, zone }: SentenceProps) {
  const parts = text.split(INSTANT)
  return (
    <>
      {parts.map((part, index) => {
        const at = INSTANT.test(part) ? Date.parse(part) : Number.NaN
        if (Number.isNaN(at)) return part
        return (
          <time key={index} dateTime={part} title={bothTimes(at, zone)}>
            {momentText(at, now.value, parts[index - 1]?.endsWith('(') ?? false)}
          </time>
        )
      })}
    </>
  )
}

/** The date is left out on its own day; the relative time is in parentheses, unless the time itself is. */
function momentText(at: number, current: number, isInParentheses: boolean): string {
  const text = absoluteText(at).slice(0, 16)
  const isToday = text.slice(0, 10) === absoluteText(current).slice(0, 10)
  const moment = isToday ? text.slice(11) : text
  const relative = relativeText(at, current)
  return isInParentheses ? `${moment}, ${relative}` : `${moment} (${relative})`
}
