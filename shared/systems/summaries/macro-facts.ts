import type { DimensionName } from '#shared/analysis/macro/risk.ts'
import { type Facts, SCORE_SCALE } from '#shared/analysis/summaries/facts.ts'

/** The members of the stored overview of the macro risk that a summary describes. */
export interface RiskOverview {
  readonly overall_risk: {
    readonly score: number | null
    readonly level: string | null
    readonly confidence: number
    readonly trend: string | null
  }
  readonly risk_breakdown: Readonly<Record<DimensionName, { readonly score: number | null }>>
  readonly meta: { readonly coverage: number; readonly phase: string | null }
}

/** The facts of the macro risk; `undefined` without an overall score. */
export function macroFacts({ overall_risk, risk_breakdown, meta }: RiskOverview): Facts | undefined {
  const { score, level, confidence, trend } = overall_risk
  if (score === null) return undefined
  const dimensions = Object.entries(risk_breakdown).map(([name, { score: each }]) => [`${name}_score`, each])
  return {
    overall_score: score,
    risk_level: level,
    risk_trend: trend,
    ...(Object.fromEntries(dimensions) as Facts),
    economic_phase: meta.phase,
    coverage: meta.coverage,
    confidence,
    ...SCORE_SCALE,
  }
}
