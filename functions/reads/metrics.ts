import { METRIC_NAMESPACE, READ_METRIC } from '#functions/runtime/metric-names.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { ReadResult } from '#shared/read/read-path.ts'

/** Counts of this process. */
export interface ReadCounts {
  add(ending: ReadResult): void
  /** A value was given from memory, because the table failed. */
  copied(): void
  /** Writes what was counted, as one line, if the last line was written long enough ago. */
  write(): void
}

/** Between two lines. */
const WRITE_PERIOD_MS = 30_000

/**
 * Gathers how reads end and writes it with the metrics in it (embedded metric format, by hand: powertools do not fit
 * this bundle). A process that is frozen for good takes its last counts with it.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function readCounts(stage: string, clock: Clock): ReadCounts {
  const none = { fresh: 0, stale: 0, waited: 0, cold: 0, errors: 0, copies: 0 }
  let counts = none
  let writtenAt = clock.now()
  return {
    add(ending) {
      counts = { ...counts, [ending]: counts[ending] + 1 }
    },
    copied() {
      counts = { ...counts, copies: counts.copies + 1 }
    },
    write() {
      const now = clock.now()
      if (counts === none || now - writtenAt < WRITE_PERIOD_MS) return
      process.stdout.write(`${metricLine(stage, counts, now)}\n`)
      counts = none
      writtenAt = now
    },
  }
}

function metricLine(
  stage: string,
  counts: Readonly<Record<ReadResult | 'copies', number>>,
  now: number,
): string {
  const { copies, ...endings } = counts
  const { fresh, stale, waited, cold, errors } = endings
  const { reads, hits, memoryFallbacks: fallback } = READ_METRIC
  const Metrics = [reads, hits, fallback].map((Name) => ({ Name, Unit: 'Count' }))
  return JSON.stringify({
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [{ Namespace: METRIC_NAMESPACE, Dimensions: [['service']], Metrics }],
    },
    service: stage,
    [reads]: fresh + stale + waited + cold + errors,
    [hits]: fresh + stale,
    [fallback]: copies,
    ...endings,
  })
}
