import type { Tally } from './tally.ts'

/** What a local run under chaos came to. */
export interface ChaosReport {
  /** By status and label. */
  readonly answers: Tally
  /** How runs ended, as the console tells. */
  readonly outcomes: Tally
  /** What happened to calls to the stand-in, as the console tells. */
  readonly calls: Tally
  /** In seconds. */
  readonly longestAge: number
  /** Of answers once there were data, in milliseconds. */
  readonly medianMs: number
  readonly slowestMs: number
  /** Everything that broke a promise; none is to. */
  readonly violations: readonly string[]
}

const MOST_SHOWN = 20

/** A report for a person. */
export function reportText(report: ChaosReport): string {
  const { answers, outcomes, calls, longestAge, medianMs, slowestMs, violations } = report
  return [
    ...section('answers', answers),
    ...section('runs', outcomes),
    ...section('calls to the stand-in', calls),
    `longest age ${longestAge} s; with data, answers took ${medianMs} ms in the median and ${slowestMs} ms at most`,
    `${violations.length} violations`,
    ...violations.slice(0, MOST_SHOWN).map((what) => `  ${what}`),
  ].join('\n')
}

function section(title: string, tally: Tally): string[] {
  const total = Object.values(tally).reduce((sum, count) => sum + count, 0)
  return [
    `${title}: ${total}`,
    ...Object.entries(tally).map(([name, count]) => `  ${String(count).padStart(6)}  ${name}`),
  ]
}
