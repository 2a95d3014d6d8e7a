/** How loose or tight monetary policy is. */
export type PolicyStance =
  | 'Accommodative'
  | 'Slightly Accommodative'
  | 'Neutral'
  | 'Slightly Restrictive'
  | 'Restrictive'

/** What the stance depends on, each in percent; `null` for one that is not available. */
export interface StanceInputs {
  /** The effective federal funds rate. */
  readonly rate: number | null
  /** Change of the money stock M2 from a year before. */
  readonly m2Growth: number | null
  /** Change of the consumer price index from a year before. */
  readonly inflation: number | null
}

/** All limits are in percent, and a value on a limit is not beyond it. */
const LOW_RATE = 2
const FAST_M2_GROWTH = 10
const MEDIUM_RATE = 3
const HIGH_RATE = 4
const RAISED_INFLATION = 3
const HIGH_INFLATION = 5

/**
 * The stance of monetary policy. The rules apply in order; the first that fits decides.
 *
 * @returns `null` when an input is not available: none is replaced by a default
 * @see the specification of the macro system, section 5.7 (stance)
 */
export function policyStance({ rate, m2Growth, inflation }: StanceInputs): PolicyStance | null {
  if (rate === null || m2Growth === null || inflation === null) return null
  if (rate < LOW_RATE && m2Growth > FAST_M2_GROWTH) return 'Accommodative'
  if (rate > HIGH_RATE && inflation > HIGH_INFLATION) return 'Restrictive'
  if (rate > MEDIUM_RATE && inflation > RAISED_INFLATION) return 'Slightly Restrictive'
  return rate < MEDIUM_RATE ? 'Slightly Accommodative' : 'Neutral'
}
