import { DAY_MS } from '#shared/domain/duration.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import { notAvailable, type View } from '#shared/read/view.ts'
import type { RiskRecord } from '#shared/systems/macro/risk-record.ts'
import { FRED_NOTICE } from '#shared/upstreams/macro/settings.ts'

const KEY = 'overall'
/** Six-hourly runs and those after inputs, of 90 days. */
const MAX_ROWS = 1_500

/** The documented overview: the members of the risk at the top level. */
const overview: View = async ({ query, now }, context) => {
  const item = await context.item(KEY)
  if (!item) return notAvailable(context.job)
  const { representation } = item
  const record = JSON.parse(representation.text()) as RiskRecord & { readonly trend: string | null }
  const { meta } = envelopeOf('plain').wrap(null, representation) as { readonly meta: object }
  const usesFred = record.data_sources.some(({ name, state }) => state === 'used' && /^[A-Z]/.test(name))
  const body = {
    timestamp: isoSeconds(representation.fetchedAt),
    overall_risk: {
      score: record.overall_score,
      level: record.risk_level,
      summary: record.risk_summary,
      confidence: record.confidence,
      trend: record.trend,
    },
    risk_breakdown: Object.fromEntries(
      Object.entries(record.scores).map(([name, score]) => [
        name,
        { score, description: descriptionOf(score, record.reasons[name as keyof typeof record.scores]) },
      ]),
    ),
    alerts: record.alerts.map((alert) => ({ ...alert })),
    key_concerns: [...record.key_concerns],
    recommendations: [...record.recommendations],
    ai_analysis: null,
    meta: {
      ...meta,
      coverage: record.coverage,
      phase: record.phase,
      data_sources: record.data_sources.map((source) => ({ ...source })),
      notice: usesFred ? FRED_NOTICE : null,
    },
  }
  if (query['days'] === undefined)
    return { kind: 'value', from: item, compose: () => ({ body, times: representation }) }
  const range = { from: now - Number(query['days']) * DAY_MS, to: now, limit: MAX_ROWS }
  const rows = await context.history('risks', KEY, range)
  return { kind: 'now', status: 200, body: { ...body, history: rows.map(({ data }) => data) } }
}

function descriptionOf(score: number | null, reasons: readonly string[] = []): string {
  const limits = reasons.length === 0 ? 'all inputs are present' : reasons.join('; ')
  return score === null ? `No score: ${limits}` : `Score ${score} of 100: ${limits}`
}

/** The responses, by the view name of the route. */
export const views = { overview } satisfies Readonly<Record<string, View>>
