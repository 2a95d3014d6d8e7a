import * as z from 'zod'
import { responseMeta } from '#functions/runtime/envelope-schemas.ts'
import { fraction, instant, riskLevel, score as scoreOf, text } from '#functions/runtime/field-schemas.ts'
import { EVENT_CATEGORIES, SEVERITIES } from '#shared/analysis/macro/event-kinds.ts'
import { MAX_SUMMARY_LENGTH } from '#shared/analysis/summaries/summary-text.ts'

const DIMENSIONS = {
  monetary_policy: 'monetary policy',
  geopolitical: 'geopolitical events',
  sector_bubble: 'sector valuation',
  economic_cycle: 'the economic cycle',
  market_sentiment: 'market sentiment',
} as const

type Dimension = keyof typeof DIMENSIONS
const dimensionNames = Object.keys(DIMENSIONS) as Dimension[]

const score = (about: string) => scoreOf(`score of ${about} (higher is safer)`).nullable()
const overallScore = score('the risk in all')
const level = riskLevel.nullable()

/** A member for each dimension. */
function forEachDimension<T extends z.ZodType>(member: (about: string) => T) {
  const entries = Object.entries(DIMENSIONS).map(([name, about]) => [name, member(about)])
  return z.strictObject(Object.fromEntries(entries) as Record<Dimension, T>)
}

const analysis = z.strictObject({
  text: z.string().min(1).max(MAX_SUMMARY_LENGTH).describe('plain text of a language model'),
  generated: z.literal(true).describe('written by a language model'),
  model: text('name of the language model'),
  as_of: instant('time of the figures at their source'),
})

const overallRisk = z.strictObject({
  score: overallScore,
  level,
  summary: text('score, level and the weakest dimension in words'),
  confidence: fraction('weight of the parts that are present'),
  trend: z
    .enum(['INCREASING', 'STABLE', 'DECREASING'])
    .nullable()
    .describe('of the risk, against the score of 24 hours before'),
})

const alert = z.strictObject({
  level: z.enum(['CRITICAL', 'WARNING']).describe('how grave the alert is'),
  type: z.enum(['overall', ...dimensionNames]).describe('the dimension, or the risk in all'),
  message: text('what is wrong'),
  score: scoreOf('the score that caused it'),
})

const event = z.strictObject({
  title: z.string().max(200).describe('title of the report'),
  date: instant('when it was published'),
  category: z.enum(EVENT_CATEGORIES).describe('kind of event'),
  severity: z.enum(SEVERITIES).describe('how grave it is'),
  impact_score: z.number().min(60).max(100).describe('impact on markets, at least 60 of 100'),
})

const source = z.strictObject({
  name: text('the input'),
  as_of: instant('time of the input at its source').nullable(),
  state: z.enum(['used', 'stale', 'missing']).describe('stale: too old, and left out'),
})

const meta = responseMeta
  .extend({
    coverage: fraction('weight of the dimensions with a score'),
    phase: z
      .enum(['Peak', 'Expansion', 'Contraction', 'Recovery', 'Transition'])
      .describe('phase of the economic cycle')
      .nullable(),
    data_sources: z.array(source).describe('each input'),
    notice: text('notice that the terms of the inputs require').nullable(),
  })
  .describe('times and inputs of the scores')

const overview = z
  .strictObject({
    timestamp: instant('when the scores were published'),
    overall_risk: overallRisk.describe('the weighted mean of the dimensions that have a score'),
    risk_breakdown: forEachDimension((about) =>
      z
        .strictObject({ score: score(about), description: text('the score in words, and what is missing') })
        .describe(`the dimension of ${about}`),
    ).describe('the five dimensions'),
    alerts: z.array(alert).describe('an overall score below 60, or one of a dimension below 50'),
    key_concerns: z.array(z.string()).describe('each dimension with a score below 50'),
    recommendations: z.array(z.string()).describe('a sentence for the level of risk'),
    ai_analysis: analysis.nullable().describe('null without a summary of these figures'),
    recent_events: z.array(event).max(10).describe('of an impact of 60 or more within 30 days, newest first'),
    meta,
  })
  .meta({ id: 'MacroRisk' })

const row = z.strictObject({
  timestamp: instant('when the scores were computed'),
  overall_score: overallScore,
  risk_level: level,
  scores: forEachDimension(score).describe('the score of each dimension'),
})

const history = z.array(row).max(1_500).describe('the scores of each run, newest first')

/** Response bodies of the job's routes, by path. */
export const schemas = {
  '/api/v1/macro/risk/overview': z.union([overview, overview.extend({ history })]),
}
