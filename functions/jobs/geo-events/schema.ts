import * as z from 'zod'
import { responseMeta } from '#functions/runtime/envelope-schemas.ts'
import { count, flag, instant, score, text } from '#functions/runtime/field-schemas.ts'
import { nextCursor } from '#functions/runtime/record-schemas.ts'
import { EVENT_CATEGORIES, SEVERITIES } from '#shared/analysis/macro/event-kinds.ts'

const REGIONS = ['Global', 'US', 'China', 'Europe', 'Middle East', 'Asia'] as const
const INDUSTRIES = ['Energy', 'Finance', 'Technology', 'Defense', 'Agriculture'] as const

const event = z
  .strictObject({
    id: z
      .string()
      .regex(/^[0-9a-f]{16}$/)
      .describe('id of the event: 16 hexadecimal digits'),
    title: z.string().max(200).describe('title of the report with the gravest words'),
    description: z.string().max(500).describe('first words of that report').nullable(),
    event_date: instant('when the first stored report was published'),
    category: z.enum(EVENT_CATEGORIES).describe('kind of event, by the words of the report'),
    severity: z
      .enum(SEVERITIES)
      .describe('LOW up to a severity_score of 3, MEDIUM up to 6, HIGH up to 8, else CRITICAL'),
    severity_score: z.int().min(1).max(10).describe('severity of the gravest word, 1 to 10'),
    affected_regions: z.array(z.enum(REGIONS)).describe('regions that the report names'),
    affected_industries: z.array(z.enum(INDUSTRIES)).describe('industries that the report names'),
    market_impact_score: score('impact on markets, from severity, category, regions and industries'),
    matched_words: z.array(z.string()).describe('the words that decide category and severity'),
    sources_count: z.int().min(1).describe('number of articles that report it'),
    news_source: text('name of the publisher').nullable(),
    news_url: z.url().describe('address of the report').nullable(),
    created_at: instant('when it was first stored'),
  })
  .meta({ id: 'GeopoliticalEvent' })

const counts = z
  .strictObject({
    articles: count('number of articles'),
    new_events: count('number of events that were not stored before'),
    merged: count('number of articles about an event of another article'),
    skipped: count('number of articles that are withdrawn, outside of the window, or repeated'),
    lost: count('number of articles that cannot be used'),
  })
  .describe('of the last answer')

const meta = responseMeta
  .extend({
    as_of: instant('when the newest article was published'),
    last_success: instant('when an answer of the provider last had articles'),
    truncated: flag('true: that answer left out older articles of its 24 hours'),
    covered_from: instant('from when on that answer has all articles'),
    coverage_days: z.int().min(0).max(30).describe('whole days since the oldest day with events'),
    counts,
    degraded_reasons: z
      .array(z.literal('implausible_empty'))
      .describe('implausible_empty: the last answer had no article'),
    notice: text('attribution of the provider').nullable(),
    next_cursor: nextCursor,
  })
  .describe('state of the feed, and the next page')

/** Response bodies of the job's routes, by path. */
export const schemas = {
  '/api/v1/macro/geopolitical-events': z.strictObject({
    data: z.array(event).max(500).describe('the events of one page, newest first'),
    meta,
  }),
}
