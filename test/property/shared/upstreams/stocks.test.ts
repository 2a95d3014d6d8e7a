import fc from 'fast-check'
import { expect, test } from 'vitest'
import { alphaVantage } from '#infra/local/simulated/alpha-vantage.ts'
import { yahoo } from '#infra/local/simulated/yahoo.ts'
import { parseJson } from '#shared/domain/json.ts'
import {
  alphaVantageBalanceSheetCall,
  parseAlphaVantageBalanceSheet,
} from '#shared/upstreams/stocks/alpha-vantage-balance-sheet.ts'
import { alphaVantageBarsCall, parseAlphaVantageBars } from '#shared/upstreams/stocks/alpha-vantage-bars.ts'
import {
  alphaVantageOverviewCall,
  parseAlphaVantageOverview,
} from '#shared/upstreams/stocks/alpha-vantage-overview.ts'
import type { DailyBars } from '#shared/upstreams/stocks/daily-bars.ts'
import { parseYahooChart, yahooChartCall } from '#shared/upstreams/stocks/yahoo-chart.ts'
import { runs } from '#test/support/runs.ts'

const NOW = Date.UTC(2026, 10, 27, 20)
const QUESTION = { symbol: 'IBM', now: NOW }

/** A shorter body than that of a year, so that more of them are tried. */
const MONTH_CALL: Call = { path: yahooChartCall('IBM').path, query: { range: '1mo', interval: '1d' } }

interface Call {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
}

function goodBody(provider: typeof yahoo, { path, query }: Call): string {
  return provider(1, NOW, path, new URLSearchParams({ ...query, apikey: 'k' })).body
}

/** Any value in the place of one member of a good body. */
function spoiled(good: string): fc.Arbitrary<unknown> {
  const places = [...good.matchAll(/[:,[]/g)].map(({ index }) => index + 1)
  const value = fc.oneof(
    fc.json({ maxDepth: 2 }),
    fc.constantFrom('null', '-0', '1e999', '"-1"', '"1e308"', '"None"', '"9999-12-31"', '[]', '{}'),
  )
  return fc.tuple(fc.constantFrom(...places), value).map(([place, text]) => {
    const rest = good.slice(place).replace(/^(?:"(?:[^"\\]|\\.)*"|[^",:[\]{}]+|[[{])/, text)
    try {
      return parseJson(good.slice(0, place) + rest)
    } catch {
      return text
    }
  })
}

/** A parser refuses a body with an error of its own or of the schema, or its result passes the check. */
function refusesOr<T>(parse: () => T, check: (value: T) => void): void {
  let value: T
  try {
    value = parse()
  } catch (error) {
    expect(String((error as Error).name)).toMatch(/^(?:TypeError|\$?ZodError)$/)
    if (error instanceof TypeError) expect(error.message).toMatch(/^expected/)
    return
  }
  check(value)
}

function checkBars({ bars, undelivered }: DailyBars): void {
  const dates = bars.map(({ date }) => date)
  expect(dates).toEqual([...new Set(dates)].sort())
  expect(undelivered.filter((date) => dates.includes(date))).toEqual([])
  for (const { date, open, high, low, close, volume } of bars) {
    expect(date <= '2026-11-28').toBe(true)
    expect([open, high, low, close].every((price) => Number.isFinite(price) && price > 0)).toBe(true)
    expect(high >= low).toBe(true)
    expect(volume === null || volume >= 0).toBe(true)
  }
}

/** Every member that is a text and no name is a plain decimal or a date. */
function checkDecimals(value: object, names: readonly string[]): void {
  for (const [name, member] of Object.entries(value)) {
    if (typeof member === 'string' && !names.includes(name)) expect(member).toMatch(/^-?\d[\d.-]*$/)
  }
}

test.each([
  ['bars of Alpha Vantage', alphaVantage, alphaVantageBarsCall('IBM'), parseAlphaVantageBars],
  ['a chart of Yahoo', yahoo, MONTH_CALL, parseYahooChart],
] as const)(
  '%s are in order, in bounds and of the past, or refused, whatever is wrong in a body',
  (...row) => {
    const [, provider, call, parse] = row
    const good = goodBody(provider, call)
    fc.assert(
      fc.property(spoiled(good), (body) => refusesOr(() => parse(body, QUESTION), checkBars)),
      { numRuns: runs(2_000, 100) },
    )
  },
)

test('fundamentals are decimals or null, or refused, whatever is wrong in a body', () => {
  const good = goodBody(alphaVantage, alphaVantageOverviewCall('IBM'))
  const names = ['kind', 'cause', 'symbol', 'assetType', 'currency', 'sector', 'industry']
  fc.assert(
    fc.property(spoiled(good), (body) =>
      refusesOr(
        () => parseAlphaVantageOverview(body, QUESTION),
        (value) => checkDecimals(value, names),
      ),
    ),
    { numRuns: runs(2_000, 100) },
  )
})

test('a balance sheet has decimals or null, or is refused, whatever is wrong in a body', () => {
  const good = goodBody(alphaVantage, alphaVantageBalanceSheetCall('IBM'))
  fc.assert(
    fc.property(spoiled(good), (body) =>
      refusesOr(
        () => parseAlphaVantageBalanceSheet(body, QUESTION),
        (value) => checkDecimals(value ?? {}, ['symbol']),
      ),
    ),
    { numRuns: runs(2_000, 100) },
  )
})
