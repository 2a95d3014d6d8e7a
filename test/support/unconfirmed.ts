import { logRecord } from '#infra/local/human-line.ts'
import type { Checked } from './reader-memory.ts'

/** Around the time that a log line says of a publication. */
const SLACK_MS = 500

/** A run that published takes no longer to write its line. */
const CLOSING_MS = 2_000

/**
 * Ages that no successful run in the log accounts for.
 *
 * @param kills - when processes were killed, in milliseconds since the epoch: a run may have published and left no line
 */
export function unconfirmed(seen: readonly Checked[], log: string, kills: readonly number[]): string[] {
  const confirmed = [...successes(log), ...kills.map((at) => ({ from: at - CLOSING_MS, to: at }))]
  return seen.flatMap(({ from, to }) =>
    confirmed.some((run) => from <= run.to + SLACK_MS && to >= run.from - SLACK_MS)
      ? []
      : [`expected an age since a run that succeeded, got one since ${new Date(to).toISOString()}`],
  )
}

/** When runs succeeded; the line that a kill may have torn is none. */
function successes(log: string): Checked[] {
  return log
    .split('\n')
    .map((line) => logRecord(line))
    .filter((record) => record?.['outcome'] === 'succeeded' || record?.['outcome'] === 'unchanged')
    .map((record) => {
      const to = Date.parse(String(record?.['timestamp']))
      return { from: to - Number(record?.['duration_ms']), to }
    })
}
