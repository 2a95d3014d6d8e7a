import { metricLine } from '#functions/runtime/metric-line.ts'
import { READ_METRIC } from '#functions/runtime/metric-names.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { ReadResult } from '#shared/read/read-path.ts'

type Counts = Readonly<Record<ReadResult | 'copies', number>>

/** Time between two metric lines. */
const WRITE_PERIOD_MS = 30_000

const ZERO: Counts = { fresh: 0, stale: 0, waited: 0, cold: 0, errors: 0, copies: 0 }

/**
 * Counts the results of reads in this process and writes them as log lines with embedded metrics. The counts of
 * a process that is frozen and never thawed are lost.
 */
export class ReadCounts {
  readonly #stage: string
  readonly #clock: Clock
  #counts = ZERO
  #writtenAt: number

  constructor(stage: string, clock: Clock) {
    this.#stage = stage
    this.#clock = clock
    this.#writtenAt = clock.now()
  }

  add(result: ReadResult): void {
    this.#counts = { ...this.#counts, [result]: this.#counts[result] + 1 }
  }

  /** Counts a value that was served from memory because the table failed. */
  addFallback(): void {
    this.#counts = { ...this.#counts, copies: this.#counts.copies + 1 }
  }

  /** Writes the counts as one line, unless there are none or the last line is less than 30 s old. */
  write(): void {
    const now = this.#clock.now()
    if (this.#counts === ZERO || now - this.#writtenAt < WRITE_PERIOD_MS) return
    process.stdout.write(`${countsLine(this.#stage, this.#counts, now)}\n`)
    this.#counts = ZERO
    this.#writtenAt = now
  }
}

function countsLine(stage: string, { copies, ...results }: Counts, now: number): string {
  const { fresh, stale, waited, cold, errors } = results
  const metrics = {
    [READ_METRIC.reads]: fresh + stale + waited + cold + errors,
    [READ_METRIC.hits]: fresh + stale,
    [READ_METRIC.memoryFallbacks]: copies,
  }
  return metricLine(stage, now, metrics, results)
}
