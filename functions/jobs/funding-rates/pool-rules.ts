import type { ExitReason } from './pool-session.ts'
import { compare, compareMagnitudes } from './rate-arithmetic.ts'
import type { RateRecord } from './rate-record.ts'

/** What belongs into the pool. */
export interface PoolRules {
  /** Least magnitude of a rate: 0.003 is 0.3 % */
  readonly threshold: number
  /** Which rate is held against it: as it is paid, or as it would be in eight hours. */
  readonly basis: 'raw' | '8h'
  /** Least volume in 24 hours, in units of the quote. */
  readonly minVolume: number
  readonly maxSize: number
}

/**
 * The pool's contracts: those that pass the rules, the largest magnitude of the rate as it is paid first, of equal
 * ones the most traded, then by symbol; as many as the pool holds.
 */
export function selectPool(records: readonly RateRecord[], rules: PoolRules): readonly RateRecord[] {
  return records
    .filter((record) => brokenRule(record, rules) === undefined)
    .toSorted(
      (a, b) =>
        compareMagnitudes(b.funding_rate, a.funding_rate) ||
        compare(b.volume_24h ?? '0', a.volume_24h ?? '0') ||
        (a.symbol < b.symbol ? -1 : 1),
    )
    .slice(0, rules.maxSize)
}

/** Why a contract is not in the pool; without a record of it there is none any more. */
export function exitReason(record: RateRecord | undefined, rules: PoolRules): ExitReason {
  return record === undefined ? 'delisted' : (brokenRule(record, rules) ?? 'capped')
}

/** The rule that a contract breaks; one of unknown volume is traded too little. */
function brokenRule(record: RateRecord, rules: PoolRules): 'below_threshold' | 'low_volume' | undefined {
  const rate = rules.basis === '8h' ? record.rate_8h : record.funding_rate
  if (compareMagnitudes(rate, String(rules.threshold)) < 0) return 'below_threshold'
  const { volume_24h: volume } = record
  if (volume === null || compare(volume, String(rules.minVolume)) < 0) return 'low_volume'
  return undefined
}
