import type { Tally } from '#test/support/expectations/findings.ts'

/** The result of a local run under chaos. */
export interface ChaosReport {
  /** By job, status and label. */
  readonly answers: Tally
  /** By job and last observed state. */
  readonly tasks: Tally
  /** Outcomes of runs, from the console. */
  readonly outcomes: Tally
  /** Faults of calls to simulated providers, from the console. */
  readonly calls: Tally
  /** In seconds. */
  readonly longestAge: number
  /** Of answers once there were data, in milliseconds. */
  readonly medianMs: number
  readonly slowestMs: number
  /** Broken promises; expected to be empty. */
  readonly violations: readonly string[]
}

const MAX_SHOWN = 40
const MAX_LENGTH = 400

/** The report as text. */
export function reportText(report: ChaosReport): string {
  const { answers, tasks, outcomes, calls, longestAge, medianMs, slowestMs, violations } = report
  return [
    ...section('answers', answers),
    ...section('tasks', tasks),
    ...section('runs', outcomes),
    ...section('calls to simulated providers', calls),
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
