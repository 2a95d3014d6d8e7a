import type { Tally } from '#test/support/expectations/findings.ts'

/** What a local run under chaos came to. */
export interface ChaosReport {
  /** By job, status and label. */
  readonly answers: Tally
  /** By job and state, as they were seen last. */
  readonly tasks: Tally
  /** How runs ended, as the console tells. */
  readonly outcomes: Tally
  /** What happened to calls to stand-ins, as the console tells. */
  readonly calls: Tally
  /** In seconds. */
  readonly longestAge: number
  /** Of answers once there were data, in milliseconds. */
  readonly medianMs: number
  readonly slowestMs: number
  /** Everything that broke a promise; none is to. */
  readonly violations: readonly string[]
}

const MAX_SHOWN = 40
const MAX_LENGTH = 400

/** A report for a person. */
export function reportText(report: ChaosReport): string {
  const { answers, tasks, outcomes, calls, longestAge, medianMs, slowestMs, violations } = report
  return [
    ...section('answers', answers),
    ...section('tasks', tasks),
    ...section('runs', outcomes),
    ...section('calls to stand-ins', calls),
    `longest age ${longestAge} s; with data, answers took ${medianMs} ms in the median and ${slowestMs} ms at most`,
    `${violations.length} violations`,
    ...groupViolations(violations).map((what) => `  ${what}`),
  ].join('\n')
}

function section(title: string, tally: Tally): string[] {
  const total = Object.values(tally).reduce((sum, count) => sum + count, 0)
  return [
    `${title}: ${total}`,
    ...Object.entries(tally).map(([name, count]) => `  ${String(count).padStart(6)}  ${name}`),
  ]
}

/** One of each kind, and how many there are: they are of a kind where they differ in names, numbers and times only. */
function groupViolations(violations: readonly string[]): string[] {
  const kinds = Map.groupBy(violations, (what) => what.replaceAll(/[^ ]*[\dA-Z][^ ]*/g, '#').slice(0, 100))
  return [...kinds.values()]
    .slice(0, MAX_SHOWN)
    .map((all) => `${String(all.length).padStart(6)}  ${all[0]?.slice(0, MAX_LENGTH)}`)
}
