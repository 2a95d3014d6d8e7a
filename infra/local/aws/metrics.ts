import { HOUR_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import { parseObject } from '../host/files.ts'

/** How long counts are kept: longer than any range that is read. */
const KEPT_MS = 3 * HOUR_MS

interface Count {
  readonly name: string
  readonly value: number
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** The metrics of one machine, as CloudWatch would extract them from log lines with embedded metrics. */
export class LocalMetrics {
  #counts: Count[] = []

  /** Adds the metrics of a line that a function wrote; other lines have none. */
  add(line: string): void {
    if (!line.includes('"_aws"')) return
    const record = parseObject(line) ?? {}
    const { Timestamp: at, CloudWatchMetrics: groups = [] } = (record['_aws'] ?? {}) as EmbeddedMetrics
    if (at === undefined) return
    const newest = groups.flatMap(({ Namespace, Dimensions = [], Metrics = [] }) =>
      Dimensions.flatMap((names) =>
        Metrics.flatMap(({ Name }) => {
          const value = record[Name]
          const dimensions = names.map((name) => [name, String(record[name])] as const)
          return typeof value === 'number'
            ? [{ name: seriesName(Namespace, Name, dimensions), value, at }]
            : []
        }),
      ),
    )
    this.#counts = [...this.#counts.filter((count) => count.at > at - KEPT_MS), ...newest]
  }

  /**
   * The sums of a series per minute, oldest first, of a range in milliseconds since the epoch; none for a minute without
   * counts.
   */
  sums(series: string, from: number, to: number): ReadonlyMap<number, number> {
    const sums = new Map<number, number>()
    for (const { name, value, at } of this.#counts) {
      const minute = Math.floor(at / MINUTE_MS) * MINUTE_MS
      if (name === series && minute >= Math.floor(from / MINUTE_MS) * MINUTE_MS && minute < to)
        sums.set(minute, (sums.get(minute) ?? 0) + value)
    }
    return new Map([...sums].sort(([a], [b]) => a - b))
  }
}

/** Members of `_aws`, in a line with embedded metrics. */
interface EmbeddedMetrics {
  readonly Timestamp?: number
  readonly CloudWatchMetrics?: readonly {
    readonly Namespace: string
    readonly Dimensions?: readonly (readonly string[])[]
    readonly Metrics?: readonly { readonly Name: string }[]
  }[]
}

/** A series is a name with its namespace and dimensions. */
export function seriesName(
  namespace: string,
  name: string,
  dimensions: readonly (readonly [name: string, value: string])[],
): string {
  return [namespace, name, ...dimensions.map((pair) => pair.join('=')).sort()].join(' ')
}
