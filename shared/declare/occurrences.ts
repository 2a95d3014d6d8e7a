import { Cron } from 'croner'
import { DAY_MS, HOUR_MS } from '#shared/domain/duration.ts'
import { clockChanges, isoText, isRepeatedLocalTime, offsetAt } from '#shared/domain/time.ts'
import type { Schedule } from './schedule.ts'

/** A range of occurrences, in epoch ms: after `after`, up to and including `until`, at most `limit` of them. */
export interface Span {
  readonly after: number
  readonly until?: number
  readonly limit?: number
}

/** A local time of a schedule that a change of clocks skips or repeats. */
export interface DstFinding {
  /** Wall-clock date and time: `'2027-03-14 02:30'`. */
  readonly local: string
  readonly zone: string
  readonly kind: 'skipped' | 'doubled'
}

const HORIZON_MS = 370 * DAY_MS
const COUNTED_RUNS = 2_000
/** The years a cron expression can name. */
const FIRST_MS = Date.UTC(1970, 0, 1)
const LAST_MS = Date.UTC(2200, 0, 1) - 1

const crons = new Map<string, Cron>()

/**
 * The times at which a schedule fires, as epoch ms, oldest first.
 *
 * A local time that does not exist is skipped; a repeated one fires the first time only. The search ends with the year
 * 2199, so a schedule that never fires has no occurrences.
 *
 * @throws {TypeError} when both `until` and `limit` are missing
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export function occurrences(schedule: Schedule, { after, until, limit }: Span): number[] {
  if (until === undefined && limit === undefined) {
    throw new TypeError("expected 'until' or 'limit', got neither: a schedule has no end of its own")
  }
  const end = Math.min(until ?? LAST_MS, LAST_MS)
  const maxCount = limit ?? Number.POSITIVE_INFINITY
  const times: number[] = []
  for (let at = after; times.length < maxCount; ) {
    const next = cronOf(schedule.expression, schedule.zone).nextRun(new Date(at))?.getTime()
    if (next === undefined || next > end) break
    if (firesAt(schedule, next)) times.push(next)
    at = next
  }
  return times
}

/** The latest occurrence at or before an epoch time; `undefined` when there is none since 1970. */
export function previousOccurrence(schedule: Schedule, at: number): number | undefined {
  const cron = cronOf(schedule.expression, schedule.zone)
  for (let before = Math.floor(at / 1_000) * 1_000 + 1_000; ; ) {
    const previous = cron.previousRuns(1, new Date(before))[0]?.getTime()
    if (previous === undefined || previous < FIRST_MS) return undefined
    if (firesAt(schedule, previous)) return previous
    before = previous
  }
}

/** Whether a schedule has no occurrence after an epoch time: 31 February, a past year, only skipped local times. */
export function neverFires(schedule: Schedule, from: number): boolean {
  return occurrences(schedule, { after: from, limit: 1 }).length === 0
}

/**
 * The longest gap in ms between two consecutive occurrences in the 370 days after `from`, including the gaps that cross
 * either end; `Infinity` when the schedule stops within those days.
 *
 * Ordinary days have the same times, so it examines the first day with a run, each change of clocks and, unless the
 * schedule fires every day, each midnight: exact, at the cost of a few days of runs.
 */
export function longestGap(schedule: Schedule, from: number): number {
  const [first] = occurrences(schedule, { after: from, limit: 1 })
  if (first === undefined) return Number.POSITIVE_INFINITY
  const { zone } = schedule
  const gaps = [longestGapIn(schedule, first - DAY_MS, first + DAY_MS)]
  for (const { at } of clockChanges(zone, from, from + HORIZON_MS)) {
    gaps.push(longestGapIn(schedule, at - HOUR_MS, at + 3 * HOUR_MS))
  }
  if (firesEveryDay(schedule)) return Math.max(...gaps)
  const local = from + offsetAt(zone, from)
  for (let midnight = local - (local % DAY_MS); midnight <= local + HORIZON_MS; midnight += DAY_MS) {
    const at = midnight - offsetAt(zone, midnight - offsetAt(zone, midnight))
    gaps.push(longestGapIn(schedule, at, at))
  }
  return Math.max(...gaps)
}

/**
 * The largest number of occurrences on one UTC day, in the 370 days from the day of `from`.
 *
 * Counts the first 2,000 runs (a day has at most 1,440), or, if the schedule fires every day, those of the first two days,
 * and the days on both sides of each change of clocks.
 */
export function perDay(schedule: Schedule, from: number): number {
  const start = dayOf(from) * DAY_MS
  const until = start + HORIZON_MS - 1
  const firstUntil = firesEveryDay(schedule) ? start + 2 * DAY_MS - 1 : until
  const runs = new Set(occurrences(schedule, { after: start - 1, until: firstUntil, limit: COUNTED_RUNS }))
  for (const { at } of clockChanges(schedule.zone, start, until)) {
    const after = (dayOf(at) - 1) * DAY_MS - 1
    for (const run of occurrences(schedule, { after, until: after + 3 * DAY_MS })) runs.add(run)
  }
  const counts = new Map<number, number>()
  for (const run of runs) counts.set(dayOf(run), (counts.get(dayOf(run)) ?? 0) + 1)
  return Math.max(0, ...counts.values())
}

/**
 * The local times of a schedule in a spring gap (`skipped`) or an autumn overlap (`doubled`) of its zone after `from`
 * (epoch ms), oldest first. A schedule that fires every hour has none, because a change of clocks costs it nothing.
 */
export function dstFindings(schedule: Schedule, from: number, years = 3): DstFinding[] {
  const { expression, zone } = schedule
  if (firesEveryHour(expression)) return []
  return clockChanges(zone, from, from + years * 366 * DAY_MS).flatMap(({ at, before, after }) => {
    const wallClock = { expression, zone: 'UTC' }
    const until = at + Math.max(before, after) - 1
    return occurrences(wallClock, { after: at + Math.min(before, after) - 1, until }).map((time) => ({
      local: isoText(time).slice(0, 16).replace('T', ' '),
      zone,
      kind: after > before ? ('skipped' as const) : ('doubled' as const),
    }))
  })
}

/** croner moves a run out of a spring gap and repeats it in an autumn overlap; EventBridge Scheduler does neither. */
function firesAt({ expression, zone }: Schedule, at: number): boolean {
  return cronOf(expression, zone).match(new Date(at)) && !isRepeatedLocalTime(zone, at)
}

/** The longest gap in a span, from the last run at or before its start to the first run after its end. */
function longestGapIn(schedule: Schedule, from: number, until: number): number {
  const [next = Number.POSITIVE_INFINITY] = occurrences(schedule, { after: until, limit: 1 })
  const inside = occurrences(schedule, { after: from, until })
  let previous = previousOccurrence(schedule, from)
  let longest = 0
  for (const run of [...inside, next]) {
    longest = Math.max(longest, previous === undefined ? 0 : run - previous)
    previous = run
  }
  return longest
}

function cronOf(expression: string, zone: string): Cron {
  const key = `${expression} ${zone}`
  const cached = crons.get(key)
  if (cached) return cached
  const fields = expression.slice('cron('.length, -')'.length).split(' ')
  // croner counts the steps of a year from 0, EventBridge Scheduler from 1970
  const year = fields[5]?.replaceAll('*/', '1970/')
  const cron = new Cron(`0 ${fields.slice(0, 5).join(' ')} ${year}`, {
    timezone: zone,
    mode: '7-part',
    domAndDow: false,
    sloppyRanges: true,
    alternativeWeekdays: true,
  })
  crons.set(key, cron)
  return cron
}

function firesEveryHour(expression: string): boolean {
  return /^(?:\*(?:\/1)?|0\/1|0-23(?:\/1)?)$/.test(expression.split(' ')[1] ?? '')
}

/** Whether a schedule restricts neither the day of the month, the month, the day of the week nor the year. */
export function firesEveryDay({ expression }: Schedule): boolean {
  return / [*?] \* [*?] \*\)$/.test(expression)
}

function dayOf(at: number): number {
  return Math.floor(at / DAY_MS)
}
