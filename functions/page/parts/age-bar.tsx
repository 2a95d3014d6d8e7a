import type { Dataset } from '#shared/client/client.ts'
import { barShare } from '../data/age.ts'
import { now } from '../data/clock.ts'
import { durationText } from '../data/times.ts'

const WIDTH = 100

/** The age of a dataset against the times for which it is fresh and served. */
export function AgeBar({ dataset }: { readonly dataset: Dataset }) {
  const { fresh_until: until, fresh_for_seconds: fresh, serve_stale_for_seconds: stale, title } = dataset
  if (until === null) return <span>no data</span>
  const freshMs = fresh * 1_000
  const age = Math.max(0, now.value - (Date.parse(until) - freshMs))
  const share = barShare(age, freshMs, stale * 1_000)
  const text = `${durationText(age)} of ${durationText(freshMs)}`
  const limits = `fresh for ${durationText(freshMs)}, served for ${durationText(stale * 1_000)}`
  return (
    <span class="age" title={limits}>
      <svg
        viewBox={`0 0 ${WIDTH} 8`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Age of ${title}: ${text}`}
      >
        <rect class="track" width={WIDTH} height="8" />
        <rect class={age <= freshMs ? 'fresh' : 'overdue'} width={share * WIDTH} height="8" />
        <rect class="mark" x={WIDTH / 2 - 0.5} width="1" height="8" />
      </svg>
      <span>{text}</span>
    </span>
  )
}
