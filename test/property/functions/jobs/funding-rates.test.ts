import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nextPool, type Pool, type PoolUpdate } from '#functions/jobs/funding-rates/rates/pool.ts'
import {
  annualizedRate,
  compare,
  eightHourRate,
  mean,
  product,
  sum,
} from '#functions/jobs/funding-rates/rates/rate-arithmetic.ts'

import type { RateRecord } from '#functions/jobs/funding-rates/rates/rate-record.ts'
import { rateSources } from '#functions/jobs/funding-rates/rates/rate-sources.ts'
import { AT, contractsOf, poolCheckAt, rateRecordOf } from '#test/fakes/jobs/funding.ts'

const PLACES = 10

/** A decimal as providers write them: digits, sign, up to sixteen places. */
const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.integer({ min: 0, max: 16 }))
  .map(([digits, places]) => ({ digits, places, text: written(digits, places) }))

const hours = fc.integer({ min: 1, max: 24 })

function written(digits: bigint, places: number): string {
  const text = String(digits < 0n ? -digits : digits).padStart(places + 1, '0')
  const whole = text.slice(0, text.length - places)
  return `${digits < 0n ? '-' : ''}${whole}${places === 0 ? '' : `.${text.slice(text.length - places)}`}`
}

/** `numerator / denominator`, rounded half-even to ten places, by integers alone. */
function rounded(numerator: bigint, denominator: bigint): string {
  const isNegative = numerator < 0n
  const scaled = (isNegative ? -numerator : numerator) * 10n ** BigInt(PLACES)
  const floor = scaled / denominator
  const twice = 2n * (scaled % denominator)
  const isUp = twice > denominator || (twice === denominator && floor % 2n === 1n)
  const digits = isUp ? floor + 1n : floor
  if (digits === 0n) return '0'
  const text = written(isNegative ? -digits : digits, PLACES)
  return text.replace(/\.?0+$/, '')
}

describe('arithmetic of rates', () => {
  test('agrees with integers, whatever the rate and the interval', () => {
    fc.assert(
      fc.property(decimal, hours, ({ digits, places, text }, interval) => {
        const unit = 10n ** BigInt(places) * BigInt(interval)

        expect(annualizedRate(text, interval)).toBe(rounded(digits * 8_760n, unit))
        expect(eightHourRate(text, interval)).toBe(rounded(digits * 8n, unit))
        expect(mean(text, interval)).toBe(rounded(digits, unit))
      }),
      { numRuns: 1_000 },
    )
  })

  test('agrees with integers on products and sums; a sum is exact', () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const places = a.places + b.places
        const total = a.digits * 10n ** BigInt(b.places) + b.digits * 10n ** BigInt(a.places)

        expect(product(a.text, b.text)).toBe(rounded(a.digits * b.digits, 10n ** BigInt(places)))
        expect(sum(a.text, b.text)).toBe(
          written(total, places)
            .replace(/^-?0\.?0*$/, '0')
            .replace(/(\.\d*?)0+$/, '$1')
            .replace(/\.$/, ''),
        )
        expect(Math.sign(compare(a.text, b.text))).toBe(
          Math.sign(Number(a.digits * 10n ** BigInt(b.places) - b.digits * 10n ** BigInt(a.places))),
        )
      }),
    )
  })

  test('rounds halves to the even digit', () => {
    expect(mean('0.00000000005', 1)).toBe('0')
    expect(mean('0.00000000015', 1)).toBe('0.0000000002')
    expect(mean('-0.00000000025', 1)).toBe('-0.0000000002')
    expect(mean('0.000000000250000000001', 1)).toBe('0.0000000003')
  })

  test('never writes an exponent, trailing zeros or a signed zero', () => {
    fc.assert(
      fc.property(decimal, hours, ({ text }, interval) => {
        expect(annualizedRate(text, interval)).toMatch(/^(?:0|-?(?:[1-9]\d*|0(?=\.))(?:\.\d{0,9}[1-9])?)$/)
      }),
    )
  })
})

const symbols = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H']

/** What a venue says at one check: some of the symbols, each with a rate about the threshold. */
const market = fc.uniqueArray(
  fc.record({
    symbol: fc.constantFrom(...symbols),
    rate: fc.constantFrom('0.0029', '0.003', '-0.003', '0.0045', '-0.009', '0.00001'),
    volume: fc.constantFrom('999999', '1000000', '7000000', null),
    isCarriedOver: fc.boolean(),
  }),
  { selector: ({ symbol }) => symbol },
)

const story = fc.record({
  markets: fc.array(market, { minLength: 1, maxLength: 12 }),
  venues: fc.array(fc.constantFrom('binance', 'binance', 'binance', 'bybit'), {
    minLength: 12,
    maxLength: 12,
  }),
  maxSize: fc.integer({ min: 1, max: 5 }),
  basis: fc.constantFrom('raw' as const, '8h' as const),
})

interface Step {
  readonly before: Pool | undefined
  readonly records: readonly RateRecord[]
  readonly checked: PoolUpdate
  readonly again: PoolUpdate
}

function checkSteps({
  markets,
  venues,
  maxSize,
  basis,
}: typeof story extends fc.Arbitrary<infer T> ? T : never): Step[] {
  let before: Pool | undefined
  return markets.map((rows, check) => {
    const venue = venues[check] as 'binance' | 'bybit'
    const records = rows.map(({ symbol, rate, volume, isCarriedOver }) =>
      rateRecordOf(symbol, rate, volume, { venue, check: isCarriedOver ? 0 : check }),
    )
    const rules = poolCheckAt(check, { venue, maxSize, basis })
    const checked = nextPool(before, records, rules)
    const step = { before, records, checked, again: nextPool(before, records, rules) }
    before = JSON.parse(JSON.stringify(checked.pool))
    return step
  })
}

const symbolsIn = (pool: Pool | undefined) => (pool?.contracts ?? []).map(({ symbol }) => symbol)

describe('the pool, whatever the market says', () => {
  test('is no larger than it may be, sorted, of one venue, and each contract has one open session', () => {
    fc.assert(
      fc.property(story, (given) => {
        for (const { checked } of checkSteps(given)) {
          const { contracts, open_sessions: open, venue } = checked.pool
          const magnitudes = contracts.map(({ funding_rate }) => Math.abs(Number(funding_rate)))

          expect(contracts.length).toBeLessThanOrEqual(given.maxSize)
          expect(magnitudes).toEqual(magnitudes.toSorted((a, b) => b - a))
          expect(Math.min(1, ...magnitudes)).toBeGreaterThanOrEqual(0.003)
          expect(contracts.every(({ exchange }) => exchange === venue)).toBe(true)
          expect(open.map(({ symbol }) => symbol)).toEqual(symbolsIn(checked.pool))
        }
      }),
    )
  })

  test('changes by what its two sides differ in, and ends a session of nothing but what left', () => {
    fc.assert(
      fc.property(story, (given) => {
        for (const { before, checked } of checkSteps(given)) {
          const [old, now] = [new Set(symbolsIn(before)), new Set(symbolsIn(checked.pool))]
          const isSame = before?.venue === checked.pool.venue
          const left = isSame ? old.difference(now) : old

          expect(new Set(checked.changes.added)).toEqual(isSame ? now.difference(old) : new Set())
          expect(new Set(checked.changes.removed)).toEqual(isSame ? left : new Set())
          expect(checked.changes.total_added).toBe(checked.changes.added.length)
          expect(checked.changes.total_removed).toBe(checked.changes.removed.length)
          expect(new Set(checked.sessions.map(({ symbol }) => symbol))).toEqual(left)
          expect(checked.isRestart).toBe(!isSame)
        }
      }),
    )
  })

  test('is the same again for the same arguments', () => {
    fc.assert(
      fc.property(story, (given) => {
        for (const { checked, again } of checkSteps(given)) expect(again).toEqual(checked)
      }),
    )
  })

  test('gives no session id twice, and sessions sum up the history', () => {
    fc.assert(
      fc.property(story, (given) => {
        const steps = checkSteps(given)
        const sessions = steps.flatMap(({ checked }) => checked.sessions)
        const open = steps.at(-1)?.checked.pool.open_sessions ?? []
        const rows = steps.flatMap(({ checked }) => checked.history)

        const ids = [...sessions, ...open].map(({ id }) => id)
        const counted = [
          ...sessions.map(({ total_records: count }) => count),
          ...open.map(({ records: count }) => count),
        ]
        expect(new Set(ids).size).toBe(ids.length)
        expect(counted.reduce((total, count) => total + count, 0)).toBe(rows.length)
        for (const { min_rate, avg_rate, max_rate, total_records: count } of sessions) {
          // an average is rounded
          expect(Number(avg_rate)).toBeGreaterThanOrEqual(Number(min_rate) - 1e-10)
          expect(Number(avg_rate)).toBeLessThanOrEqual(Number(max_rate) + 1e-10)
          expect(count).toBeGreaterThan(0)
        }
      }),
    )
  })
})

describe('reading rows', () => {
  const anything = fc.oneof(
    fc.string(),
    fc.double(),
    fc.constantFrom(
      '',
      ' ',
      '.',
      '-',
      'None',
      null,
      undefined,
      '1e5',
      '0x1',
      'Infinity',
      '1e-400',
      '1e308',
      '٣',
    ),
  )

  test('every requested contract is quoted or missing, once; a quote is within its bounds (F77)', () => {
    const row = fc.record({
      symbol: fc.constantFrom('AUSDT', 'BUSDT', 'CUSDT', 'XUSDT'),
      lastFundingRate: fc.oneof(anything, fc.constant('0.0001')),
      nextFundingTime: fc.constantFrom(null, 0, AT - 400_000, AT + 3_000_000, 9e15),
      markPrice: fc.oneof(anything, fc.constant('7')),
      indexPrice: fc.oneof(anything, fc.constant('7')),
      time: fc.constantFrom(null, AT, AT + 400_000),
    })
    const ticker = fc.record({ symbol: fc.constantFrom('AUSDT', 'BUSDT', 'CUSDT'), quoteVolume: anything })
    const requested = contractsOf('AUSDT', 'BUSDT', 'CUSDT')

    fc.assert(
      fc.property(fc.array(row), fc.array(ticker), (rows, tickers) => {
        const context = { requested, storedVolumes: new Map(), now: AT }
        const { quotes, missing } = rateSources.binance.parse([rows, tickers, null], context)

        const symbols = [...quotes, ...missing].map(({ symbol }) => symbol)
        expect(symbols.sort()).toEqual(['AUSDT', 'BUSDT', 'CUSDT'])
        for (const quote of quotes) {
          for (const text of [quote.rate, quote.markPrice, quote.indexPrice ?? '0', quote.volume ?? '0']) {
            expect(text).toMatch(/^-?\d+(\.\d+)?$/)
          }
          expect(Number(quote.markPrice)).toBeGreaterThan(0)
          expect(Number(quote.markPrice)).toBeLessThan(1e13)
          expect(Math.abs(Number(quote.rate))).toBeLessThanOrEqual(0.1)
          expect(quote.intervalHours ?? 1).toBeGreaterThanOrEqual(1)
        }
      }),
      { numRuns: 500 },
    )
  })
})
