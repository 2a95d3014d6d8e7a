import { describe, expect, it } from 'vitest'
import { parseJson } from '#shared/domain/json.ts'
import { areBeyondBounds } from '#shared/upstreams/field.ts'
import {
  amount,
  calendarDate,
  count,
  figure,
  instant,
  intervalHours,
  label,
  numberOf,
  orNull,
  orNullIfNone,
  orNullIfPoint,
  orNullIfZero,
  pastDate,
  percentChange,
  percentOfFraction,
  positiveAmount,
  price,
  share,
  signedAmount,
  signedRate,
  signedRatio,
  symbol,
  word,
} from '#shared/upstreams/fields.ts'

const NOW = Date.UTC(2026, 10, 28, 12)
const HOUR = 3_600_000
const FIGURES = { min: -1e9, max: 1e9 }
const WINDOW = { now: NOW, maxPastMs: HOUR, maxAheadMs: 300_000 } as const

/** The parsed value, `beyond` for a value of the right type outside of its bounds, `other` for another type. */
function read(type: ReturnType<typeof price>, value: unknown): unknown
function read(type: { safeParse: (value: unknown) => unknown }, value: unknown): unknown
function read(type: { safeParse: (value: unknown) => unknown }, value: unknown): unknown {
  const result = type.safeParse(value) as { success: boolean; data?: unknown; error?: { issues: unknown[] } }
  if (result.success) return result.data
  return areBeyondBounds(result.error?.issues ?? []) ? 'beyond' : 'other'
}

describe('a quantity', () => {
  it.each([
    ['a price', price('text'), '1.50', '1.5'],
    ['a tiny price', price('text'), '4.3e-7', '0.00000043'],
    ['an amount of 0', amount('text'), '0.000', '0'],
    ['a positive amount', positiveAmount('number'), 1.5e11, '150000000000'],
    ['a share', share('number'), 100, '100'],
    ['a negative rate', signedRate('text', 0.1), '-0.0001', '-0.0001'],
    ['a fall to zero', percentChange('text', 1e8), '-100', '-100'],
    ['a negative amount', signedAmount('text'), '-15000', '-15000'],
    ['a negative ratio', signedRatio('text'), '-8.50', '-8.5'],
    ['a negative figure', figure('text', FIGURES), '-0.350', '-0.35'],
    ['a fraction in percent', percentOfFraction('text'), '0.1043', '10.43'],
    ['a negative fraction in percent', percentOfFraction('text'), '-0.07', '-7'],
    [
      'a fraction of many digits',
      percentOfFraction('text'),
      '0.10430000000000000009',
      '10.430000000000000009',
    ],
    ['a fraction with an exponent', percentOfFraction('text'), '1.5e-3', '0.15'],
    ['a fraction of 0', percentOfFraction('number'), 0, '0'],
  ])('%s is a decimal without exponent', (_, type, value, expected) => {
    expect(read(type, value)).toBe(expected)
  })

  it.each([
    ['a price of 0', price('text'), '0'],
    ['a price of -1', price('text'), '-1'],
    ['a price of 1e308', price('text'), '1e308'],
    ['a price of 5e-324', price('number'), 5e-324],
    ['a negative amount', amount('text'), '-0.1'],
    ['an amount of 1e308', amount('number'), 1e308],
    ['a positive amount of 0', positiveAmount('number'), 0],
    ['a share above 100', share('number'), 100.5],
    ['a rate beyond its magnitude', signedRate('text', 0.1), '0.1000001'],
    ['a ratio of 1e308', signedRatio('text'), '1e308'],
    ['a figure beyond its magnitude', figure('text', { min: -1e4, max: 1e4 }), '-10000.1'],
    ['a ratio beyond its magnitude', signedRatio('text', 100), '-100.1'],
    ['a fraction beyond its magnitude', percentOfFraction('text', 10), '10.1'],
    ['a day to come', pastDate({ now: Date.UTC(2026, 10, 28), maxAgeMs: 86_400_000 }), '2026-11-29'],
    [
      'a day before its oldest',
      pastDate({ now: Date.UTC(2026, 10, 28), maxAgeMs: 86_400_000 }),
      '2026-11-26',
    ],
    ['an amount of -1e308', signedAmount('text'), '-1e308'],
    ['a fraction of 1001', percentOfFraction('text'), '1001'],
    ['a fall below zero', percentChange('text', 1e8), '-100.1'],
    ['a count of 0', count(), 0],
    ['a count of -1', count(), -1],
    ['a count of 1e308', count(), 1e308],
  ])('%s is beyond its bounds (F77)', (_, type, value) => {
    expect(read(type, value)).toBe('beyond')
  })

  it.each([
    ['absent', undefined],
    ['null', null],
    ['an empty text', ''],
    ['a word', 'NaN'],
    ['an exponent beyond doubles', '1e999'],
    ['text with a byte order mark', '\uFEFF1'],
    ['a text of 5,000 digits', '1'.repeat(5_000)],
    ['a list', [1]],
    ['an object', {}],
    ['a number in place of text', 1],
  ])('is of another form when it is %s', (_, value) => {
    expect(read(price('text'), value)).toBe('other')
  })

  it('keeps every digit of a number that a double cannot hold', () => {
    expect(read(positiveAmount('number'), parseJson('12345678901234567'))).toBe('12345678901234567')
    expect(read(count(), 1.5)).toBe('other')
  })
})

describe('a time', () => {
  it.each([
    ['milliseconds', { form: 'number', unit: 'ms' }, NOW - HOUR],
    ['seconds', { form: 'number', unit: 's' }, (NOW - HOUR) / 1_000],
    ['milliseconds as text', { form: 'text', unit: 'ms' }, String(NOW - HOUR)],
  ] as const)('in %s is milliseconds since the epoch', (_, form, value) => {
    expect(read(instant({ ...WINDOW, ...form }), value)).toBe(NOW - HOUR)
  })

  it.each([
    ['1970', 0],
    ['before the window', NOW - HOUR - 1],
    ['after the window', NOW + 300_001],
    ['in 9999', 253_402_300_799_999],
    ['in seconds for milliseconds', NOW / 1_000],
    ['negative', -1],
  ])('%s is beyond its bounds (F77)', (_, value) => {
    expect(read(instant({ ...WINDOW, form: 'number', unit: 'ms' }), value)).toBe('beyond')
  })
})

describe('an interval', () => {
  it('is whole hours within a day', () => {
    expect(read(intervalHours('number', 'minutes'), 240)).toBe(4)
    expect(read(intervalHours('text', 'hours'), '8')).toBe(8)
    for (const hours of ['0.00001', '0', '-8', '168', '1e308'])
      expect(read(intervalHours('text', 'hours'), hours)).toBe('beyond')
  })
})

describe('a name', () => {
  it.each(['BTCUSDT', '1000PEPEUSDT', '示例USDT', 'BTC-USDT-SWAP', 'BTCUSDT_260327'])(
    '%s is a symbol',
    (name) => {
      expect(read(symbol(), name)).toBe(name)
    },
  )

  it.each(['', 'A', '__proto__', 'A B', 'A#B', 'A/B', `A\u0000B`, `A\uD800`, 'A'.repeat(41), 7])(
    '%j is no symbol',
    (name) => {
      expect(read(symbol(), name)).toBe('other')
    },
  )

  it('is a word of a vocabulary', () => {
    expect(read(word(), 'TRADIFI_PERPETUAL')).toBe('TRADIFI_PERPETUAL')
    expect(read(word(), '<html>')).toBe('other')
  })
})

describe('a field that may be absent', () => {
  it('is null when it is absent or empty, and has to parse otherwise', () => {
    expect([undefined, null, ''].map((value) => read(orNull(price('text')), value))).toEqual([
      null,
      null,
      null,
    ])
    expect(read(orNull(price('text')), '0')).toBe('beyond')
    expect(read(orNullIfZero(price('text')), '0.00000000')).toBeNull()
    expect(read(orNullIfZero(intervalHours('number', 'minutes')), 0)).toBeNull()
  })
})

describe('a value that a provider does not have', () => {
  it.each([['None'], ['-'], [''], [undefined], [null]])('%j is null', (value) => {
    expect(read(orNullIfNone(signedRatio('text')), value)).toBeNull()
  })

  it.each([['none'], ['--'], ['N/A'], ['0']])('%j is a value, or none that parses', (value) => {
    expect(read(orNullIfNone(signedRatio('text')), value)).toBe(value === '0' ? '0' : 'other')
  })
})

describe('a value that a provider writes as a point', () => {
  it.each([['.'], [''], [undefined], [null]])('%j is null, never 0', (value) => {
    expect(read(orNullIfPoint(figure('text', FIGURES)), value)).toBeNull()
  })

  it.each([['..'], ['None'], ['.5'], ['4.']])('%j is no value that parses', (value) => {
    expect(read(orNullIfPoint(figure('text', FIGURES)), value)).toBe('other')
  })
})

describe('a day of the calendar', () => {
  it.each([['2026-11-28'], ['2024-02-29']])('%j is one', (value) => {
    expect(read(calendarDate(), value)).toBe(value)
  })

  it.each([
    ['2026-02-29'],
    ['2026-13-01'],
    ['2026-1-1'],
    ['20261128'],
    ['9999-01-01'],
    [''],
    [20261128],
    [null],
  ])('%j is none', (value) => {
    expect(read(calendarDate(), value)).toBe('other')
  })
})

describe('a label', () => {
  it.each([
    [' OIL & GAS ', 'OIL & GAS'],
    ['x'.repeat(100), 'x'.repeat(100)],
  ])('%j is %j', (value, text) => {
    expect(read(label(), value)).toBe(text)
  })

  it.each([[''], ['  '], ['x'.repeat(101)], ['a\nb'], ['a\u202eb'], [7], [null]])('%j is none', (value) => {
    expect(read(label(), value)).toBe('other')
  })
})

describe('a number of a long list', () => {
  it.each([
    ['1.50', 'text', 1.5],
    [1.5, 'number', 1.5],
    ['1.5', 'number', Number.NaN],
    [1.5, 'text', Number.NaN],
    ['', 'text', Number.NaN],
    [' ', 'text', Number.NaN],
    [null, 'number', Number.NaN],
    [true, 'number', Number.NaN],
    [[1], 'number', Number.NaN],
  ] as const)('%j as %s is %d', (value, form, number) => {
    expect(numberOf(value, form)).toBe(number)
  })

  it('that a double cannot represent is the nearest double', () => {
    expect(numberOf(parseJson('[0.12345678901234567890]'), 'number')).toBeNaN()
    expect(numberOf((parseJson('[0.12345678901234567890]') as unknown[])[0], 'number')).toBeCloseTo(
      0.123456789,
    )
  })
})
