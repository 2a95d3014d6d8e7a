import type { Trend } from '#shared/analysis/macro/risk.ts'
import type { RiskRecord } from '#shared/systems/macro/risk-record.ts'
import { FRED_NOTICE } from '#shared/upstreams/macro/settings.ts'

/** The documented overview, without the times of its publication: what is stored. */
export function overviewOf(record: RiskRecord, trend: Trend | null) {
  return {
    overall_risk: {
      score: record.overall_score,
      level: record.risk_level,
      summary: record.risk_summary,
      confidence: record.confidence,
      trend,
    },
    risk_breakdown: Object.fromEntries(
      Object.entries(record.scores).map(([name, score]) => [
        name,
        { score, description: descriptionOf(score, record.reasons[name as keyof typeof record.scores]) },
      ]),
    ),
    alerts: record.alerts,
    key_concerns: record.key_concerns,
    recommendations: record.recommendations,
    recent_events: record.recent_events.map(
      ({ title, event_date, category, severity, market_impact_score }) => ({
        title,
        date: event_date,
        category,
        severity,
        impact_score: market_impact_score,
      }),
    ),
    meta: {
      coverage: record.coverage,
      phase: record.phase,
      data_sources: record.data_sources,
      notice: usesFred(record) ? FRED_NOTICE : null,
    },
  }
}

function descriptionOf(score: number | null, reasons: readonly string[] = []): string {
  const limits = reasons.length === 0 ? 'all inputs are present' : reasons.join('; ')
  return score === null ? `No score: ${limits}` : `Score ${score} of 100: ${limits}`
}

/** The series of FRED are the sources whose names are in capitals. */
function usesFred({ data_sources: sources }: RiskRecord): boolean {
  return sources.some(({ name, state }) => state === 'used' && /^[A-Z]/.test(name))
}
