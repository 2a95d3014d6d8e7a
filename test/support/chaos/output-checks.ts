import { SIMULATED_KEY } from '#infra/local/data/secrets.ts'
import { parseObject } from '#infra/local/host/files.ts'
import type { ConfirmedBetween } from '#test/support/expectations/reader-memory.ts'

/** Patterns of lines of the local console; the first group of each is what the line reports. */
const LINE_PATTERNS = {
  /** Of which job a run was, and how it ended. */
  outcome:
    /^\S{8} {2}([a-z-]+ {2}(?:succeeded|unchanged|partial|failed|skipped|abandoned|missed)(?: \([a-z-]+\))?)/,
  /** What happened to a call to a stand-in, without its particulars. */
  call: /^\S{8} {2}[a-z-]+ {2}call \d+: ([^:,]+)/,
  /**
   * What goes wrong around functions, and what they warn of. A tick that came while nothing ran is missed rightly, and a
   * task whose process was killed before its execution began is started again rightly.
   */
  alarm:
    /^\S{8} {2}(dead letter: .*|HTTP API: .*|expiry: .*|[a-z-]+ {2}(?:WARN|ERROR|CRITICAL) {2}(?!.*(?:ticks were missed|A pending task is started again|: [a-z-]+ (?:began|ended)|: (?:\S+|\d+ keys) failed \(| a settlement \(|Funding rates come from|Failed to update global market stats \(attempt)).*)/,
  /** Of the provider that is asked the least. */
  number: /^\S{8} {2}coingecko {2}call (\d+):/,
} as const

/** What the lines of one kind tell, in order. */
export function consoleMatches(texts: readonly string[], kind: keyof typeof LINE_PATTERNS): string[] {
  return texts
    .flatMap((text) => text.split('\n'))
    .flatMap((line) => LINE_PATTERNS[kind].exec(line)?.[1] ?? [])
}

/** The number of the call that goes on where the calls so far have ended. */
export function nextCall(texts: readonly string[], firstCall: number): number {
  return Math.max(firstCall, ...consoleMatches(texts, 'number').map((call) => Number(call) + 1))
}

const CONTEXT_CHARACTERS = 60

/** Searches all output of a system for secrets (I10): the providers' keys, and those that are added. */
export function secretScanner() {
  const secrets = new Set([SIMULATED_KEY])
  const leaks: string[] = []
  return {
    /** From then on this is one, too. */
    addSecret: (secret: string) => {
      secrets.add(secret)
    },
    onText: (text: string) => {
      for (const secret of secrets) {
        const at = text.indexOf(secret)
        if (at >= 0)
          leaks.push(
            `I10 expected no secret, got one after ${text.slice(Math.max(0, at - CONTEXT_CHARACTERS), at)}`,
          )
      }
    },
    leaks: (): readonly string[] => leaks,
  }
}

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
 * Ages that no run of the job that published accounts for, going by the log. Jobs that publish key by key are left out.
 *
 * @param kills - when processes were killed, in milliseconds since the epoch: a run may have published and left no line
 */
export function unconfirmedAges(
  confirmations: readonly JobConfirmation[],
  log: string,
  kills: readonly number[],
): string[] {
  const ended = kills.map((at) => ({ from: at - LOG_DELAY_MS, to: at }))
  const runs = publishingRuns(log)
  return confirmations.flatMap(({ job, from, to }) => {
    const confirmed = [...runs.filter((run) => run.job === job), ...ended]
    const isConfirmed = confirmed.some(
      (run) => from <= run.to + CONFIRMATION_TOLERANCE_MS && to >= run.from - CONFIRMATION_TOLERANCE_MS,
    )
    return isConfirmed || job === PER_KEY_JOB
      ? []
      : [`expected an age of ${job} since a run that succeeded, got one since ${new Date(to).toISOString()}`]
  })
}

/** When runs published; the line that a kill may have torn is none. */
function publishingRuns(log: string): JobConfirmation[] {
  return log
    .split('\n')
    .map((line) => parseObject(line))
    .filter((record) => PUBLISHED_OUTCOMES.includes(String(record?.['outcome'])))
    .map((record) => {
      const to = Date.parse(String(record?.['timestamp']))
      return { job: String(record?.['job']), from: to - Number(record?.['duration_ms']), to }
    })
}
