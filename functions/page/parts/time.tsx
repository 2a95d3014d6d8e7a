import { now } from '../data/clock.ts'
import { absoluteText, relativeText } from './times.ts'

/** A time, relative in text and in full on hover. `zone` adds the time there. */
export function Time({ at, zone }: { readonly at: string | null; readonly zone?: string | undefined }) {
  if (at === null) return <span>never</span>
  const ms = Date.parse(at)
  const full = zone === undefined ? absoluteText(ms) : `${absoluteText(ms)}, ${absoluteText(ms, zone)}`
  return (
    <time dateTime={at} title={full}>
      {relativeText(ms, now.value)}
    </time>
  )
}
