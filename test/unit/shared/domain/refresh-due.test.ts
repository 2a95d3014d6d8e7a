import { expect, test } from 'vitest'
import { freshnessTimes, isRefreshDue } from '#shared/domain/freshness.ts'

const NOW = Date.UTC(2026, 10, 20, 12)
const MINUTE = 60_000
const policy = { freshForMs: 10 * MINUTE, serveStaleForMs: 60 * MINUTE, keepForMs: 120 * MINUTE }
const withAge = { ...policy, maxAsOfAgeMs: 15 * MINUTE }

/** The times of a value that was confirmed, and of its source, so many minutes ago. */
function times(checked: number, source: number, published: typeof policy = withAge) {
  const asOf = NOW - source * MINUTE
  return { ...freshnessTimes(NOW - checked * MINUTE, published, asOf), asOf }
}

test.each([
  ['is fresh', times(5, 6), withAge, false],
  ['was confirmed too long ago', times(11, 12), withAge, true],
  ['was confirmed too long ago, and its source is late', times(11, 30), withAge, true],
  ['is stale only because its source is late', times(1, 16), withAge, false],
  ['was published under a shorter freshFor', times(5, 6, { ...withAge, freshForMs: MINUTE }), withAge, true],
  ['has no limit of its source', times(11, 300, policy), policy, true],
  ['may not be served any more', times(61, 61), withAge, false],
  ['is invalidated', { ...times(5, 6), invalidatedAt: NOW - MINUTE }, withAge, true],
  ['is invalidated, and its source is late', { ...times(1, 16), invalidatedAt: NOW - 1 }, withAge, true],
])('of a value that %s, a reader requests a refresh or not', (_, stored, current, expected) => {
  expect(isRefreshDue(stored, current, NOW)).toBe(expected)
})
