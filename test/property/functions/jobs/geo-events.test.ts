import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeBatch, type StoredEvent } from '#functions/jobs/geo-events/event-batch.ts'
import { HOUR_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import { type DailySums, withChanges } from '#shared/systems/macro/daily-sums.ts'
import type { EventRecord } from '#shared/systems/macro/event-record.ts'
import { runs } from '#test/support/runs.ts'

const START = Date.UTC(2026, 10, 20, 12)

const WORDS = ['war', 'coup', 'talks', 'oil', 'tariff', 'Europe', 'Asia', 'bank', 'museum', 'nuclear']

const anyArticle = fc.record({
  title: fc
    .array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 5 })
    .map((words) => `${words.join(' ')} - News`),
  description: fc.constantFrom('', 'a global crisis', 'missile'),
  content: fc.constant(''),
  url: fc.option(fc.nat(40).map((page) => `https://news.test/${page}`)),
  source: fc.constantFrom('a.test', 'b.test'),
  ageMinutes: fc.nat(24 * 60),
})

/** Runs of four hours, some of which are repeated or come late. */
const anyBatches = fc.array(
  fc.record({ hours: fc.constantFrom(0, 4, 4, 8, 30), articles: fc.array(anyArticle, { maxLength: 12 }) }),
  { maxLength: 12 },
)

/** The sums over rows, computed at once. */
function sumsOver(rows: Iterable<EventRecord>): readonly DailySums[] {
  const byDate = Object.groupBy(rows, ({ event_date }) => event_date.slice(0, 10))
  const levels = { LOW: 2, MEDIUM: 5, HIGH: 7, CRITICAL: 9 }
  return Object.entries(byDate)
    .map(([date, events = []]) => ({
      date,
      events: events.length,
      highImpact: events.filter((event) => event.market_impact_score >= 60).length,
      levelSum: events.reduce((sum, { severity }) => sum + levels[severity], 0),
      impactSum: events.reduce((sum, event) => sum + Math.round(100 * event.market_impact_score), 0) / 100,
    }))
    .toSorted((a, b) => (a.date < b.date ? -1 : 1))
}

test('the daily sums are those of the stored rows after any sequence of batches', () => {
  fc.assert(
    fc.property(anyBatches, (batches) => {
      const rows = new Map<number, EventRecord>()
      let [recent, sums, now]: [readonly StoredEvent[], readonly DailySums[], number] = [[], [], START]
      for (const { hours, articles } of batches) {
        now += hours * HOUR_MS
        const dated = articles.map(({ ageMinutes, ...article }) => ({
          ...article,
          publishedAt: now - ageMinutes * MINUTE_MS,
        }))
        const result = mergeBatch(recent, dated, now)
        recent = result.recent
        sums = withChanges(sums, result.changes, now)
        for (const { rowAt, record } of result.rows) rows.set(rowAt, record)
        const again = mergeBatch(recent, dated, now)
        expect(again.rows).toEqual([])
      }
      const kept = new Set(sums.map(({ date }) => date))
      expect(sums).toEqual(sumsOver(rows.values()).filter(({ date }) => kept.has(date)))
      expect(sums.length).toBe(Math.min(31, sums.length))
    }),
    { numRuns: runs(1_000, 60) },
  )
})

test('an event never becomes less grave, and never loses a source', () => {
  fc.assert(
    fc.property(anyBatches, (batches) => {
      let [recent, now]: [readonly StoredEvent[], number] = [[], START]
      for (const { hours, articles } of batches) {
        now += hours * HOUR_MS
        const dated = articles.map((article) => ({ ...article, publishedAt: now - HOUR_MS }))
        const { changes, recent: next } = mergeBatch(recent, dated, now)
        recent = next
        for (const { before, after } of changes) {
          if (!before) continue
          expect(after.severity_score).toBeGreaterThanOrEqual(before.severity_score)
          expect(after.sources_count).toBeGreaterThanOrEqual(before.sources_count)
          expect([after.id, after.event_date]).toEqual([before.id, before.event_date])
        }
      }
    }),
    { numRuns: runs(500, 40) },
  )
})
