import { describe, expect, it } from 'vitest'
import { parseHttpDate } from '#shared/domain/http-date.ts'
import { retryAfterMs } from '#shared/upstreams/retry-after.ts'

const NOW = Date.UTC(2026, 10, 20)
const HOUR = 3_600_000

describe('an HTTP date', () => {
  it.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT', '1994-11-06T08:49:37Z'],
    ['Sunday, 06-Nov-94 08:49:37 GMT', '1994-11-06T08:49:37Z'],
    ['Sun Nov  6 08:49:37 1994', '1994-11-06T08:49:37Z'],
    ['Sun Nov 16 08:49:37 1994', '1994-11-16T08:49:37Z'],
    ['Friday, 20-Nov-26 00:05:00 GMT', '2026-11-20T00:05:00Z'],
    ['Thursday, 19-Nov-76 00:00:00 GMT', '2076-11-19T00:00:00Z'],
    ['Saturday, 20-Nov-77 00:00:00 GMT', '1977-11-20T00:00:00Z'],
    ['Thu, 31 Dec 2026 23:59:60 GMT', '2027-01-01T00:00:00Z'],
  ])('%s is %s', (text, iso) => {
    expect(parseHttpDate(text, NOW)).toBe(Date.parse(iso))
  })

  it.each([
    'Sat, 31 Feb 2026 00:00:00 GMT',
    'Fri, 20 Xxx 2026 00:05:00 GMT',
    'Fri, 20 Nov 2026 24:00:00 GMT',
    'Fri, 20 Nov 2026 00:60:00 GMT',
    'Fri, 20 Nov 2026 00:05:00 UTC',
    'Fri, 20 Nov 2026 00:05:00 +0000',
    'fri, 20 nov 2026 00:05:00 gmt',
    '2026-11-20T00:05:00Z',
    '20 Nov 2026 00:05:00 GMT',
    '',
  ])('%j is none', (text) => {
    expect(parseHttpDate(text, NOW)).toBeUndefined()
  })
})

describe('Retry-After (F5)', () => {
  it.each([
    ['0', 0],
    ['-1', 0],
    ['120', 120_000],
    [' 120 ', 120_000],
    ['864000', 72 * HOUR],
    ['Fri, 20 Nov 2026 00:05:00 GMT', 300_000],
    ['Friday, 20-Nov-26 00:05:00 GMT', 300_000],
    ['Fri Nov 20 00:05:00 2026', 300_000],
    ['Thu, 19 Nov 2026 00:05:00 GMT', 0],
    [String(NOW / 1_000 + 30), 30_000],
    [String(NOW + 30_000), 30_000],
    [String(NOW / 1_000 - 30), 0],
    [String(NOW / 1_000 + 864_000), 72 * HOUR],
    ['9999999999999', 72 * HOUR],
  ])('%s is a wait of %i ms', (header, wait) => {
    expect(retryAfterMs(header, NOW)).toBe(wait)
  })

  it.each([
    undefined,
    '',
    'soon',
    '1.5',
    '1e3',
    '+5',
    '0x10',
    '10, 20',
    '10 s',
    '864001',
    '99999999',
    '12345678901234567890',
  ])('%j states no wait', (header) => {
    expect(retryAfterMs(header, NOW)).toBeUndefined()
  })
})
