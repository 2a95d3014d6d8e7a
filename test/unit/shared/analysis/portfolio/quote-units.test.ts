import { expect, it } from 'vitest'
import { exchangeSuffix, hasMinorUnit, quoteUnit } from '#shared/analysis/portfolio/quote-units.ts'

it.each([
  ['GBp', { currency: 'GBP', factor: 0.01 }],
  ['GBX', { currency: 'GBP', factor: 0.01 }],
  ['ZAc', { currency: 'ZAR', factor: 0.01 }],
  ['ILA', { currency: 'ILS', factor: 0.01 }],
  ['GBP', { currency: 'GBP', factor: 1 }],
  ['USD', { currency: 'USD', factor: 1 }],
  ['usd', null],
  ['', null],
  ['DOLLAR', null],
])('the unit of %s is %j: the case of a code matters (1.4)', (code, unit) => {
  expect(quoteUnit(code)).toEqual(unit)
})

it.each<[string | null, string, boolean]>([
  ['GBp', 'VOD', true],
  ['GBP', 'VOD', true],
  ['ZAR', 'NPN', true],
  ['ILS', 'TEVA', true],
  [null, 'VOD.L', true],
  [null, 'TSCO.LON', true],
  [null, 'NPN.JO', true],
  ['USD', 'TEVA.TA', true],
  ['USD', 'IBM', false],
  [null, 'BRK.B', false],
  ['HKD', '0700.HK', false],
])('prices in %s of %s may switch to a minor unit: %s (1.6)', (code, symbol, expected) => {
  expect(hasMinorUnit(code, symbol)).toBe(expected)
})

it.each([
  ['IBM', null],
  ['BRK.B', null],
  ['BRK-B', null],
  ['VOD.L', 'L'],
  ['0700.HK', 'HK'],
])('the exchange in %s is %s (1.11)', (symbol, suffix) => {
  expect(exchangeSuffix(symbol)).toBe(suffix)
})
