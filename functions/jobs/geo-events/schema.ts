import * as z from 'zod'
import { EVENT_CATEGORIES, SEVERITIES } from '#shared/analysis/macro/event-kinds.ts'

const REGIONS = ['Global', 'US', 'China', 'Europe', 'Middle East', 'Asia'] as const
const INDUSTRIES = ['Energy', 'Finance', 'Technology', 'Defense', 'Agriculture'] as const

const event = z
  .strictObject({
    id: z.string().regex(/^[0-9a-f]{16}$/),
    title: z.string().max(200),
    description: z.string().max(500).nullable(),
    event_date: z.iso.datetime().describe('when the first stored report was published'),
    category: z.enum(EVENT_CATEGORIES),
    severity: z.enum(SEVERITIES),
    severity_score: z.int().min(1).max(10),
    affected_regions: z.array(z.enum(REGIONS)),
    affected_industries: z.array(z.enum(INDUSTRIES)),
    market_impact_score: z.number().min(0).max(100),
    matched_words: z.array(z.string()).describe('the words that decide category and severity'),
    sources_count: z.int().min(1).describe('number of articles that report it'),
    news_source: z.string().nullable(),
    news_url: z.url().nullable(),
    created_at: z.iso.datetime().describe('when it was first stored'),
  })
  .meta({ id: 'GeopoliticalEvent' })

const count = z.int().min(0)

/** Response bodies of the job's routes, by path. */
export const schemas = {
  '/api/v1/macro/geopolitical-events': z.strictObject({
    data: z.array(event).max(500),
    meta: z.strictObject({
      as_of: z.iso.datetime().describe('when the newest article was published'),
      fetched_at: z.iso.datetime(),
      degraded: z.boolean(),
      last_success: z.iso.datetime().describe('when an answer of the provider last had articles'),
      truncated: z.boolean().describe('whether that answer left out older articles of its 24 h'),
      covered_from: z.iso.datetime().describe('from when on that answer has all articles'),
      coverage_days: z.int().min(0).max(30).describe('whole days since the oldest day with events'),
      counts: z
        .strictObject({
          articles: count,
          new_events: count,
          merged: count.describe('articles about an event of another article'),
          skipped: count.describe('withdrawn, outside of the window, or repeated'),
          lost: count.describe('articles that cannot be used'),
        })
        .describe('of the last answer'),
      degraded_reasons: z.array(z.literal('implausible_empty')),
      notice: z.string().nullable().describe('attribution of the provider'),
      next_cursor: z.string().nullable().describe('cursor of the next page; null on the last one'),
    }),
  }),
}
