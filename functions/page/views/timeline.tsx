import type { Dataset } from '#shared/client/client.ts'
import { now } from '../data/clock.ts'
import { runTimes } from '../data/run-times.ts'
import { absoluteText, bothTimes, clockText } from '../data/times.ts'
import { Heading } from '../parts/heading.tsx'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const WIDTH = 1_440

/** The runs of the next 24 hours of all datasets on one line of time, with the changes of clocks. */
export function Timeline({ datasets }: { readonly datasets: readonly Dataset[] }) {
  // moves once a minute, so that the lines stay still
  const from = Math.floor(now.value / 60_000) * 60_000
  const scheduled = datasets.flatMap(({ job, title, schedule, state }) =>
    schedule && state !== 'off' ? [{ job, title, schedule, times: runTimes(schedule, from) }] : [],
  )
  return (
    <>
      <Heading>Next 24 hours</Heading>
      <p>Times are those of your zone; a run shows those of its own schedule too.</p>
      <section class="scroll" tabIndex={0} aria-label="Runs of the next 24 hours">
        <table class="timeline">
          <thead>
            <tr>
              <th scope="col">Dataset</th>
              <th scope="col">
                <HourScale from={from} />
              </th>
              <th scope="col">Runs</th>
            </tr>
          </thead>
          <tbody>
            {scheduled.map(({ job, title, schedule, times }) => (
              <tr key={job}>
                <th scope="row">
                  <a href={`#/datasets/${encodeURIComponent(job)}`}>{title}</a>
                </th>
                <td>
                  <Runs title={title} schedule={schedule} times={times} from={from} />
                </td>
                <td>{times.length === 0 ? 'none' : times.length}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <ClockChanges scheduled={scheduled} />
    </>
  )
}

function xOf(at: number, from: number): number {
  return ((at - from) / DAY_MS) * WIDTH
}

function HourScale({ from }: { readonly from: number }) {
  const first = Math.ceil(from / HOUR_MS) * HOUR_MS
  const hours = Array.from({ length: 8 }, (_, index) => first + index * 3 * HOUR_MS)
  return (
    <svg class="scale" viewBox={`0 0 ${WIDTH} 20`} role="img" aria-label="Hours of the next day">
      {hours
        .filter((at) => at < from + DAY_MS - HOUR_MS)
        .map((at) => (
          <text key={at} x={xOf(at, from)} y="16">
            {clockText(at)}
          </text>
        ))}
    </svg>
  )
}

interface RunsProps {
  readonly title: string
  readonly schedule: NonNullable<Dataset['schedule']>
  readonly times: readonly number[]
  readonly from: number
}

function Runs({ title, schedule: { zone, clock_changes: changes }, times, from }: RunsProps) {
  return (
    <svg
      class="runs"
      viewBox={`0 0 ${WIDTH} 20`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${title}: ${times.length} runs`}
    >
      {changes.map(({ at, shift_minutes: minutes }) => (
        <rect key={at} class="change" x={xOf(Date.parse(at), from) - 2} width="4" height="20">
          <title>{`clocks of ${zone} change by ${minutes} minutes`}</title>
        </rect>
      ))}
      {times.map((at) => (
        <rect key={at} class="fresh" x={xOf(at, from)} y="2" width="2" height="16">
          <title>{bothTimes(at, zone)}</title>
        </rect>
      ))}
    </svg>
  )
}

function ClockChanges({
  scheduled,
}: {
  readonly scheduled: readonly { readonly schedule: NonNullable<Dataset['schedule']> }[]
}) {
  const changes = new Map(
    scheduled.flatMap(({ schedule: { zone, clock_changes: all } }) =>
      all.map(({ at, shift_minutes: minutes }) => [`${zone} ${at}`, { zone, at, minutes }] as const),
    ),
  )
  if (changes.size === 0) return <p>No clocks change in this time.</p>
  return (
    <ul>
      {[...changes].map(([key, { zone, at, minutes }]) => (
        <li key={key}>
          The clocks of {zone} change by {minutes} minutes at {absoluteText(Date.parse(at), zone)}.
        </li>
      ))}
    </ul>
  )
}
