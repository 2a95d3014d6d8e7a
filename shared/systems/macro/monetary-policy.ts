import { type PolicyStance, policyStance, type StanceInputs } from '#shared/analysis/macro/stance.ts'
import { type IndicatorRecord, STALE_OBSERVATION } from './indicator-record.ts'

/** The indicators of monetary policy and what follows from them. */
interface MonetaryPolicy {
  /** `null` when an input is missing or stale. */
  readonly stance: PolicyStance | null
  /** Why members are null, by their names. */
  readonly reasons: { readonly stance?: string }
  readonly indicators: readonly IndicatorRecord[]
}

/** The indicators on which the stance depends. */
const STANCE_SERIES: Readonly<Record<keyof StanceInputs, string>> = {
  rate: 'DFF',
  m2Growth: 'M2SL_PC1',
  inflation: 'CPIAUCSL_PC1',
}

/**
 * The stance of monetary policy with its indicators.
 *
 * @param indicators - those of the group MONETARY that are stored
 */
export function monetaryPolicy(indicators: readonly IndicatorRecord[]): MonetaryPolicy {
  const usable = new Map(
    indicators.flatMap(({ series_id, value, degraded_reasons: reasons }) =>
      reasons.includes(STALE_OBSERVATION) ? [] : [[series_id, value]],
    ),
  )
  const input = (name: keyof StanceInputs) => usable.get(STANCE_SERIES[name]) ?? null
  const stance = policyStance({
    rate: input('rate'),
    m2Growth: input('m2Growth'),
    inflation: input('inflation'),
  })
  const absent = Object.values(STANCE_SERIES).filter((key) => !usable.has(key))
  return {
    stance,
    reasons: stance === null ? { stance: `missing or stale: ${absent.join(', ')}` } : {},
    indicators,
  }
}
