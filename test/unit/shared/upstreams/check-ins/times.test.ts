import { describe, expect, it } from 'vitest'
import { isPlausibleTime, parseCheckInTime } from '#shared/upstreams/check-ins/times.ts'

const NOW = Date.UTC(2026, 10, 20, 12)

describe('a time of the check-in provider', () => {
  it.each([
    ['2025-01-15T08:30:00.000+0800', '2025-01-15T00:30:00.000Z'],
    ['2025-01-15T08:30:00.000+08:00', '2025-01-15T00:30:00.000Z'],
    ['2025-01-15 08:30:00', '2025-01-15T00:30:00.000Z'],
    ['2025-01-15T08:30:00', '2025-01-15T00:30:00.000Z'],
    ['2025-01-15 08:30', '2025-01-15T00:30:00.000Z'],
    ['2025-01-15', '2025-01-14T16:00:00.000Z'],
    ['2025-01-15T08:30:00Z', '2025-01-15T08:30:00.000Z'],
    ['2025-01-15T08:30:00.1-0530', '2025-01-15T14:00:00.100Z'],
    ['2025-11-03T23:59:59.999+0800', '2025-11-03T15:59:59.999Z'],
    ['2025-01-15T08:30:00.123456789+0800', '2025-01-15T00:30:00.123Z'],
    ['2024-02-29T00:00:00+0800', '2024-02-28T16:00:00.000Z'],
  ])('%s is %s', (text, iso) => {
    expect(new Date(parseCheckInTime(text) ?? Number.NaN).toISOString()).toBe(iso)
  })

  it.each([
    '2025-02-29T00:00:00+0800',
    '2025-13-01T00:00:00+0800',
    '2025-01-15T24:00:00+0800',
    '2025-01-15T08:60:00+0800',
    '2025-01-15T08:30:00+1500',
    '2025-01-15T08:30:00+08',
    '1736901000',
    'yesterday',
    '',
  ])('%j is none', (text) => {
    expect(parseCheckInTime(text)).toBeUndefined()
  })

  it.each([
    [Date.UTC(2015) - 1, false],
    [Date.UTC(2015), true],
    [Date.UTC(2036, 10, 20, 12), true],
    [Date.UTC(2036, 10, 20, 12) + 1, false],
  ])('at %i is plausible: %s', (at, isPlausible) => {
    expect(isPlausibleTime(at, NOW)).toBe(isPlausible)
  })
})
