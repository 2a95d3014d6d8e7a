import type { Dataset } from '#shared/client/client.ts'

const DAY_MS = 86_400_000

/** The times of the next runs within 24 hours, in milliseconds since the epoch. */
export function runTimes(schedule: NonNullable<Dataset['schedule']>, from: number): readonly number[] {
  const listed = schedule.next_runs.map((at) => Date.parse(at))
  const [first] = listed
  const period = schedule.repeats_every_seconds
  if (period === null || first === undefined) return listed.filter((at) => at >= from && at < from + DAY_MS)
  const start = first + Math.max(0, Math.ceil((from - first) / (period * 1_000))) * period * 1_000
  const count = Math.max(0, Math.ceil((from + DAY_MS - start) / (period * 1_000)))
  return Array.from({ length: count }, (_, index) => start + index * period * 1_000)
}
