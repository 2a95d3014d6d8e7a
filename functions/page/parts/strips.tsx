import type { Dataset } from '#shared/client/client.ts'
import { type Cell, dayCell, hourCell } from '../data/cells.ts'
import { durationText } from '../data/times.ts'

const HEIGHT: Readonly<Record<Cell['kind'], number>> = { good: 16, some: 10, bad: 16, none: 2 }

/** Cells from the oldest to the newest, with room for all of them, so that nothing moves as they are added. */
function Strip({
  cells,
  length,
  label,
}: {
  readonly cells: readonly Cell[]
  readonly length: number
  readonly label: string
}) {
  const first = length - cells.length
  return (
    <svg
      class="strip"
      viewBox={`0 0 ${length * 4} 16`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <rect class="none" y="14" width={length * 4} height="2" />
      {cells.map(({ kind, text }, index) => (
        <rect
          key={text}
          class={kind}
          x={(first + index) * 4}
          y={16 - HEIGHT[kind]}
          width="3"
          height={HEIGHT[kind]}
        >
          <title>{text}</title>
        </rect>
      ))}
    </svg>
  )
}

/** The runs of the last 24 clock hours. */
export function HourStrip({ dataset: { title, hours } }: { readonly dataset: Dataset }) {
  const failed = hours.reduce((sum, hour) => sum + hour.failed + hour.missed, 0)
  const runs = hours.reduce((sum, hour) => sum + hour.runs + hour.missed, 0)
  const label = `${title}, last 24 hours: ${failed} of ${runs} runs failed or missed`
  return <Strip cells={hours.map(hourCell).reverse()} length={24} label={label} />
}

/** How long the data were overdue on each of the last 90 days. */
export function DayStrip({ dataset: { title, days } }: { readonly dataset: Dataset }) {
  const seconds = days.reduce((sum, day) => sum + day.overdue_seconds, 0)
  const label = `${title}, last ${days.length} days: overdue for ${durationText(seconds * 1_000)}`
  return <Strip cells={days.map(dayCell).reverse()} length={90} label={label} />
}
