import { logRecord } from '#infra/local/console/console.ts'
import type { ConfirmedBetween } from './reader-memory.ts'

/** What a job's answers say of when they were confirmed. */
export interface JobConfirmation extends ConfirmedBetween {
  readonly job: string
}

/** Around the time that a log line says of a publication. */
const CONFIRMATION_TOLERANCE_MS = 500

/** A run that published takes no longer to write its line. */
const LOG_DELAY_MS = 2_000

const PUBLISHED_OUTCOMES = ['succeeded', 'partial', 'unchanged']

/** Runs of this job publish key by key, and may be killed, or end as whatever, after some of them. */
const PER_KEY_JOB = 'hama'

/**
 * Ages that no run of the job that published accounts for, going by the log. Not told of jobs that publish piecemeal.
 *
 * @param kills - when processes were killed, in milliseconds since the epoch: a run may have published and left no line
 */
export function unconfirmedAges(
  seen: readonly JobConfirmation[],
  log: string,
  kills: readonly number[],
): string[] {
  const ended = kills.map((at) => ({ from: at - LOG_DELAY_MS, to: at }))
  const runs = publishingRuns(log)
  return seen.flatMap(({ job, from, to }) => {
    const confirmed = [...runs.filter((run) => run.job === job), ...ended]
    const isKnown = confirmed.some(
      (run) => from <= run.to + CONFIRMATION_TOLERANCE_MS && to >= run.from - CONFIRMATION_TOLERANCE_MS,
    )
    return isKnown || job === PER_KEY_JOB
      ? []
      : [`expected an age of ${job} since a run that succeeded, got one since ${new Date(to).toISOString()}`]
  })
}

/** When runs published; the line that a kill may have torn is none. */
function publishingRuns(log: string): JobConfirmation[] {
  return log
    .split('\n')
    .map((line) => logRecord(line))
    .filter((record) => PUBLISHED_OUTCOMES.includes(String(record?.['outcome'])))
    .map((record) => {
      const to = Date.parse(String(record?.['timestamp']))
      return { job: String(record?.['job']), from: to - Number(record?.['duration_ms']), to }
    })
}
