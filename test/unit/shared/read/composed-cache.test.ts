import { describe, expect, test } from 'vitest'
import { freshness } from '#shared/domain/freshness.ts'
import { mergeFreshness } from '#shared/read/composed-cache.ts'
import type { PublicationTimes } from '#shared/read/representation.ts'

const published = (change: Partial<PublicationTimes> = {}): PublicationTimes => ({
  asOf: 90,
  fetchedAt: 100,
  checkedAt: 110,
  freshUntil: 200,
  staleUntil: 300,
  expiresAt: 400,
  etag: 'a',
  degraded: false,
  dataSource: 'live',
  ...change,
})

describe('the labels of an answer that several stored ones are in', () => {
  test('are the earliest of each time, whichever has it', () => {
    const one = published({ asOf: 10, staleUntil: 250 })
    const other = published({ fetchedAt: 20, checkedAt: 30, freshUntil: 120, expiresAt: 260 })

    const times = { asOf: 10, fetchedAt: 20, checkedAt: 30, freshUntil: 120, staleUntil: 250, expiresAt: 260 }
    expect(mergeFreshness([one, other])).toMatchObject(times)
    expect(mergeFreshness([other, one])).toMatchObject(times)
  })

  test('are degraded, or recorded, as soon as one is', () => {
    const labels = mergeFreshness([
      published(),
      published({ degraded: true }),
      published({ dataSource: 'simulated' }),
    ])

    expect(labels).toMatchObject({ degraded: true, dataSource: 'simulated' })
  })

  test('are stale when an operator has marked one of them since it was checked, and only then', () => {
    const marked = mergeFreshness([published(), published({ invalidatedAt: 111 })])
    const confirmed = mergeFreshness([published({ invalidatedAt: 109 }), published()])

    expect(freshness(marked, 112)).toBe('stale')
    expect(freshness(confirmed, 112)).toBe('fresh')
  })

  test('of an empty list are refused', () => {
    expect(() => mergeFreshness([])).toThrow('expected at least one stored item')
  })
})
