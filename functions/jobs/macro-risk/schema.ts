import * as z from 'zod'
import { EVENT_CATEGORIES, SEVERITIES } from '#shared/analysis/macro/event-kinds.ts'
import { MAX_SUMMARY_LENGTH } from '#shared/analysis/summaries/summary-text.ts'

const score = z.number().min(0).max(100).nullable().describe('0 to 100, higher is safer')
const level = z.enum(['LOW', 'MEDIUM', 'HIGH', 'EXTREME']).nullable()
const share = z.number().min(0).max(1)

const dimension = z.strictObject({ score, description: z.string() })

const scores = z.strictObject({
  monetary_policy: score,
  geopolitical: score,
  sector_bubble: score,
  economic_cycle: score,
  market_sentiment: score,
})

const analysis = z.strictObject({
  text: z.string().min(1).max(MAX_SUMMARY_LENGTH).describe('plain text of a language model'),
  generated: z.literal(true),
  model: z.string(),
  as_of: z.iso.datetime().describe('source time of the figures'),
})

const overview = z
  .strictObject({
    timestamp: z.iso.datetime(),
    overall_risk: z.strictObject({
      score,
      level,
      summary: z.string(),
      confidence: share.describe('weight of the parts that are present'),
      trend: z.enum(['INCREASING', 'STABLE', 'DECREASING']).nullable().describe('of the risk, within a day'),
    }),
    risk_breakdown: z.strictObject({
      monetary_policy: dimension,
      geopolitical: dimension,
      sector_bubble: dimension,
      economic_cycle: dimension,
      market_sentiment: dimension,
    }),
    alerts: z.array(
      z.strictObject({
        level: z.enum(['CRITICAL', 'WARNING']),
        type: z.enum([
          'overall',
          'monetary_policy',
          'geopolitical',
          'sector_bubble',
          'economic_cycle',
          'market_sentiment',
        ]),
        message: z.string(),
        score: z.number().min(0).max(100),
      }),
    ),
    key_concerns: z.array(z.string()),
    recommendations: z.array(z.string()),
    ai_analysis: analysis.nullable().describe('null without a summary of these figures'),
    recent_events: z
      .array(
        z.strictObject({
          title: z.string().max(200),
          date: z.iso.datetime(),
          category: z.enum(EVENT_CATEGORIES),
          severity: z.enum(SEVERITIES),
          impact_score: z.number().min(60).max(100),
        }),
      )
      .max(10)
      .describe('of an impact of 60 or more within 30 days, newest first'),
    meta: z.strictObject({
      as_of: z.iso.datetime().describe('of the oldest input'),
      fetched_at: z.iso.datetime(),
      degraded: z.boolean(),
      coverage: share.describe('weight of the dimensions with a score'),
      phase: z.enum(['Peak', 'Expansion', 'Contraction', 'Recovery', 'Transition']).nullable(),
      data_sources: z.array(
        z.strictObject({
          name: z.string(),
          as_of: z.iso.datetime().nullable(),
          state: z.enum(['used', 'stale', 'missing']),
        }),
      ),
      notice: z.string().nullable(),
    }),
  })
  .meta({ id: 'MacroRisk' })

const row = z.strictObject({
  timestamp: z.iso.datetime(),
  overall_score: score,
  risk_level: level,
  scores,
})

/** Response bodies of the job's routes, by path. */
export const schemas = {
  '/api/v1/macro/risk/overview': z.union([overview, overview.extend({ history: z.array(row).max(1_500) })]),
}
