import { describe, expect, it } from 'vitest'
import { inWords, list, relative, table } from '#infra/cli/tables.ts'

describe('a table', () => {
  it('has columns as wide as their longest cell, and - for what is absent', () => {
    expect(
      table(
        ['job', 'state'],
        [
          ['hama', 'fresh'],
          ['funding-rates', null],
        ],
      ),
    ).toBe('job            state\nhama           fresh\nfunding-rates  -')
  })

  it('of names and values prints objects as JSON', () => {
    expect(
      list([
        ['a', { b: 1 }],
        ['long', undefined],
      ]),
    ).toBe('a     {"b":1}\nlong  -')
  })
})

describe('a time', () => {
  const now = Date.UTC(2026, 10, 29, 12)

  it.each([
    [0, '0 seconds'],
    [1, '1 second'],
    [59.4, '59 seconds'],
    [60, '1 minute'],
    [7_199, '1 hour'],
    [172_800, '2 days'],
  ])('of %d seconds is %s', (seconds, text) => {
    expect(inWords(seconds)).toBe(text)
  })

  it('is before or after now', () => {
    expect(relative('2026-11-29T12:04:00Z', now)).toBe('in 4 minutes')
    expect(relative('2026-11-29T09:00:00Z', now)).toBe('3 hours ago')
    expect(relative(null, now)).toBe('-')
  })
})
