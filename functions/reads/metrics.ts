import { METRIC_NAMESPACE, READ_METRIC } from '#functions/runtime/metric-names.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { ReadResult } from '#shared/read/read-path.ts'

type Counts = Readonly<Record<ReadResult | 'copies', number>>

/** Time between two metric lines. */
const WRITE_PERIOD_MS = 30_000

const ZERO: Counts = { fresh: 0, stale: 0, waited: 0, cold: 0, errors: 0, copies: 0 }

/**
 * Counts the results of reads in this process and writes them as log lines with embedded metrics; by hand, because
 * Powertools does not fit this bundle. The counts of a process that is frozen and never thawed are lost.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
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
    process.stdout.write(`${metricLine(this.#stage, this.#counts, now)}\n`)
    this.#counts = ZERO
    this.#writtenAt = now
  }
}

function metricLine(stage: string, { copies, ...results }: Counts, now: number): string {
  const { fresh, stale, waited, cold, errors } = results
  const { reads, hits, memoryFallbacks } = READ_METRIC
  const Metrics = [reads, hits, memoryFallbacks].map((Name) => ({ Name, Unit: 'Count' }))
  return JSON.stringify({
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [{ Namespace: METRIC_NAMESPACE, Dimensions: [['service']], Metrics }],
    },
    service: stage,
    [reads]: fresh + stale + waited + cold + errors,
    [hits]: fresh + stale,
    [memoryFallbacks]: copies,
    ...results,
  })
}
