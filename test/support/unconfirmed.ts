import { logRecord } from '#infra/local/human-line.ts'
import type { Checked } from './reader-memory.ts'

/** What a job's answers say of when they were confirmed. */
export interface CheckedOf extends Checked {
  readonly job: string
}

/** Around the time that a log line says of a publication. */
const SLACK_MS = 500

/** A run that published takes no longer to write its line. */
const CLOSING_MS = 2_000

const PUBLISHING = ['succeeded', 'partial', 'unchanged']

/** Runs of this job publish key by key, and may be killed, or end as whatever, after some of them. */
const PIECEMEAL = 'hama'

/**
 * Ages that no run of the job that published accounts for, going by the log. Not told of jobs that publish piecemeal.
 *
 * @param kills - when processes were killed, in milliseconds since the epoch: a run may have published and left no line
 */
export function unconfirmed(seen: readonly CheckedOf[], log: string, kills: readonly number[]): string[] {
  const ended = kills.map((at) => ({ from: at - CLOSING_MS, to: at }))
  const runs = publishingRuns(log)
  return seen.flatMap(({ job, from, to }) => {
    const confirmed = [...runs.filter((run) => run.job === job), ...ended]
    const isKnown = confirmed.some((run) => from <= run.to + SLACK_MS && to >= run.from - SLACK_MS)
    return isKnown || job === PIECEMEAL
      ? []
      : [`expected an age of ${job} since a run that succeeded, got one since ${new Date(to).toISOString()}`]
  })
}

/** When runs published; the line that a kill may have torn is none. */
function publishingRuns(log: string): CheckedOf[] {
  return log
    .split('\n')
    .map((line) => logRecord(line))
    .filter((record) => PUBLISHING.includes(String(record?.['outcome'])))
    .map((record) => {
      const to = Date.parse(String(record?.['timestamp']))
      return { job: String(record?.['job']), from: to - Number(record?.['duration_ms']), to }
    })
}
