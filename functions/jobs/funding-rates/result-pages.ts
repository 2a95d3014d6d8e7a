import type { PoolChanges } from './rates/pool.ts'
import { compareMagnitudes } from './rates/rate-arithmetic.ts'
import { intervalCounts, type RateRecord } from './rates/rate-record.ts'

const PAGE_SIZE = 200

/** Input of the pages of a finished task. */
export interface TaskResult {
  /** Records of all contracts that the task covers. */
  readonly records: readonly RateRecord[]
  /** Symbols whose records the task has fetched; the others were stored before. */
  readonly fetchedSymbols: ReadonlySet<string>
  readonly mode: 'full' | 'fast' | 'cache_only'
  /** Whether requested rates are missing. */
  readonly isPartial: boolean
  readonly rejected: number
  readonly executionSeconds: number
  readonly poolChanges: PoolChanges
  /** ISO time of the end. */
  readonly timestamp: string
}

/** One documented page of a task's result. The counts are those of all pages. */
export type ResultPage = {
  readonly status: 'success' | 'partial'
  /** By symbol, the largest magnitude of a rate first. */
  readonly contracts: Readonly<Record<string, RateRecord>>
  readonly count: number
  readonly real_time_count: number
  readonly cached_count: number
  readonly processed_count: number
  readonly rejected_count: number
  readonly execution_time: number
  readonly mode: TaskResult['mode']
  readonly intervals: readonly string[]
  readonly pool_changes: PoolChanges
  readonly page: number
  readonly pages: number
  readonly next_page: number | null
  readonly timestamp: string
  readonly note: string
}

/**
 * The pages of a task's result: at most 200 contracts each, the largest magnitude of the rate first, then by symbol; one
 * empty page without contracts. The `data_source` of records from the stored set is `cached`.
 */
export function resultPages(result: TaskResult): readonly ResultPage[] {
  const { records, mode, fetchedSymbols } = result
  const ordered = records
    .toSorted((a, b) => compareMagnitudes(b.funding_rate, a.funding_rate) || (a.symbol < b.symbol ? -1 : 1))
    .map((record): [string, RateRecord] => {
      const source = fetchedSymbols.has(record.symbol) ? 'real_time' : 'cached'
      return [record.symbol, { ...record, data_source: source }]
    })
  const count = records.length
  const fetchedCount = records.filter(({ symbol }) => fetchedSymbols.has(symbol)).length
  const pages = Math.max(1, Math.ceil(count / PAGE_SIZE))
  return Array.from({ length: pages }, (_, index) => ({
    status: result.isPartial ? 'partial' : 'success',
    contracts: Object.fromEntries(ordered.slice(index * PAGE_SIZE, (index + 1) * PAGE_SIZE)),
    count,
    real_time_count: fetchedCount,
    cached_count: count - fetchedCount,
    processed_count: count,
    rejected_count: result.rejected,
    execution_time: result.executionSeconds,
    mode,
    intervals: Object.keys(intervalCounts(records)),
    pool_changes: result.poolChanges,
    page: index + 1,
    pages,
    next_page: index + 1 < pages ? index + 2 : null,
    timestamp: result.timestamp,
    note: '',
  }))
}
