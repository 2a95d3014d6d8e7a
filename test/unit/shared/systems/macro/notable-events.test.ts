import { describe, expect, it } from 'vitest'
import type { EventRecord } from '#shared/systems/macro/event-record.ts'
import { notableEvents } from '#shared/systems/macro/notable-events.ts'

const NOW = Date.UTC(2026, 10, 24, 12)

function record(id: string, date: string, impact: number): EventRecord {
  return {
    id,
    title: `event ${id}`,
    description: null,
    event_date: `${date}T10:00:00Z`,
    category: 'WAR',
    severity: 'HIGH',
    severity_score: 8,
    affected_regions: [],
    affected_industries: [],
    market_impact_score: impact,
    matched_words: ['war'],
    sources_count: 1,
    news_source: null,
    news_url: null,
    created_at: `${date}T11:00:00Z`,
  }
}

const added = (...records: readonly EventRecord[]) => records.map((after) => ({ before: undefined, after }))

describe('notable events', () => {
  it('are those with an impact of 60 or more, newest first', () => {
    const events = notableEvents(
      [],
      added(record('a', '2026-11-20', 60), record('b', '2026-11-22', 59.99), record('c', '2026-11-23', 97)),
      NOW,
    )

    expect(events.map(({ id }) => id)).toEqual(['c', 'a'])
    expect(events[0]).toEqual({
      id: 'c',
      title: 'event c',
      event_date: '2026-11-23T10:00:00Z',
      category: 'WAR',
      severity: 'HIGH',
      market_impact_score: 97,
    })
  })

  it('are at most ten, each once with its newest impact, and end after 30 days', () => {
    const dates = Array.from({ length: 12 }, (_, day) => `2026-11-${String(day + 10)}`)
    const stored = notableEvents([], added(...dates.map((date, index) => record(`e${index}`, date, 70))), NOW)
    const before = record('e11', '2026-11-21', 70)
    const changed = notableEvents(stored, [{ before, after: { ...before, market_impact_score: 90 } }], NOW)
    const later = notableEvents(changed, [], Date.UTC(2026, 11, 20, 12))

    expect(stored.map(({ id }) => id)).toEqual(['e11', 'e10', 'e9', 'e8', 'e7', 'e6', 'e5', 'e4', 'e3', 'e2'])
    expect(changed.map(({ market_impact_score }) => market_impact_score)).toEqual([90, ...Array(9).fill(70)])
    expect(later.map(({ id }) => id)).toEqual(['e11'])
  })
})
