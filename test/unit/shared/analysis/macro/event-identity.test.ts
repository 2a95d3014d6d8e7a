import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  eventId,
  mergeReports,
  normalizedTitle,
  type Reported,
  titleSimilarity,
  titleWords,
} from '#shared/analysis/macro/event-identity.ts'

const NOON = Date.UTC(2026, 10, 20, 12)
const report = (title: string, change: Partial<Reported> = {}): Reported => ({
  rowAt: null,
  title,
  publishedAt: NOON,
  severityScore: 5,
  reports: [title],
  ...change,
})

it.each([
  ['Oil prices rise: OPEC meets - Reuters', 'oil prices rise opec meets'],
  ['  A "Quote" -  and more ', 'a quote'],
  ['No source', 'no source'],
  ['战争 爆发', '战争 爆发'],
])('the normalized title of %j is %j', (title, normalized) => {
  expect(normalizedTitle(title)).toBe(normalized)
})

it.each([
  ['a b c d', 'a b c d', 1],
  ['a b c', 'a b d', 0.5],
  ['a b', 'c d', 0],
  ['', '', 0],
])('the similarity of %j and %j is %d', (a, b, similarity) => {
  expect(titleSimilarity(titleWords(a), titleWords(b))).toBe(similarity)
})

it('the id of an event is the beginning of SHA-256 of its normalized title and its day in UTC', () => {
  const title = 'Oil prices rise: OPEC meets - Reuters'
  const digest = createHash('sha256').update('oil prices rise opec meets|2026-11-20').digest('hex')

  expect(eventId({ title, publishedAt: NOON })).toBe(digest.slice(0, 16))
  expect(eventId({ title: 'OIL prices rise, OPEC meets', publishedAt: NOON + 11 * 3_600_000 })).toBe(
    digest.slice(0, 16),
  )
})

describe('reports of one event', () => {
  const TITLE = 'Missile strike hits the port of a coastal city'

  it('under two addresses in one batch are one event with two reports (row 13)', () => {
    const events = mergeReports(
      [],
      [report(TITLE, { reports: ['a'] }), report(`${TITLE} - News`, { reports: ['b'] })],
    )

    expect(events).toHaveLength(1)
    expect(events[0]?.reports).toEqual(['a', 'b'])
  })

  it('that arrive again change nothing (row 13)', () => {
    const batch = [report(TITLE, { reports: ['a'] }), report(TITLE, { reports: ['b'] })]
    const first = mergeReports([], batch)

    expect(mergeReports(first, batch)).toEqual([])
  })

  it('keep the graver title, and of the same severity the earlier one', () => {
    const graver = report(`${TITLE} today`, { severityScore: 8, publishedAt: NOON + 1, reports: ['b'] })
    const earlier = report(`${TITLE} again`, { publishedAt: NOON - 1, reports: ['c'] })

    expect(mergeReports([report(TITLE, { reports: ['a'] })], [graver])).toEqual([
      { ...graver, reports: ['a', 'b'] },
    ])
    expect(mergeReports([report(TITLE, { reports: ['a'] })], [earlier])).toEqual([
      { ...earlier, reports: ['a', 'c'] },
    ])
  })

  it('do not depend on the order of the batch', () => {
    const batch = [
      report(TITLE, { reports: ['a'], publishedAt: NOON + 5 }),
      report(`${TITLE} now`, { reports: ['b'] }),
      report('Something else happened in the world', { reports: ['c'] }),
    ]

    expect(mergeReports([], batch.toReversed())).toEqual(mergeReports([], batch))
  })

  it('keep the row of the event when a graver title takes its place', () => {
    const event = report(TITLE, { rowAt: NOON + 7, reports: ['a'] })
    const graver = report(`${TITLE} today`, { severityScore: 8, reports: ['b'] })

    expect(mergeReports([event], [graver])).toEqual([{ ...graver, rowAt: NOON + 7, reports: ['a', 'b'] }])
  })

  it('that arrive again belong to their event although its title has become another one', () => {
    const first = report('one two three four five six seven', { reports: ['a'] })
    const second = report('one two three four five six eight', { severityScore: 8, reports: ['b'] })
    const third = report('one two three four five nine eight', { severityScore: 9, reports: ['c'] })
    const [event, ...others] = mergeReports(mergeReports(mergeReports([], [first]), [second]), [third])

    expect(others).toEqual([])
    expect(event?.title).toBe(third.title)
    expect(mergeReports(event ? [event] : [], [first, second, third])).toEqual([])
  })
})
