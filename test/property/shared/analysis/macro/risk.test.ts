import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type BubbleInputs,
  bubbleDimension,
  type CycleInputs,
  cycleDimension,
  type GeopoliticalInputs,
  geopoliticalDimension,
  type MonetaryInputs,
  monetaryDimension,
  type SentimentInputs,
  sentimentDimension,
} from '#shared/analysis/macro/dimensions.ts'
import { macroRisk } from '#shared/analysis/macro/risk.ts'
import { runs } from '#test/support/runs.ts'

const MANY = { numRuns: runs(5_000, 500) }

interface RiskInputs extends MonetaryInputs, BubbleInputs, CycleInputs, SentimentInputs {
  readonly events: GeopoliticalInputs
}

/** Numbers with many of those on both sides of a limit. */
const near = (min: number, max: number, limits: readonly number[]) =>
  fc.oneof(
    fc.double({ min, max, noNaN: true }),
    fc.tuple(fc.constantFrom(...limits), fc.constantFrom(-0.1, -1e-9, 0, 1e-9, 0.1)).map(([a, b]) => a + b),
  )
const orNull = <T>(values: fc.Arbitrary<T>) => fc.option(values, { freq: 6, nil: null })

const events = fc.record({
  events: fc.integer({ min: 1, max: 5_000 }),
  highImpact: fc.integer({ min: 0, max: 12 }),
  meanLevel: near(2, 9, [3, 5]),
  meanImpact: near(0, 100, [30, 50]),
  coverageDays: fc.integer({ min: 0, max: 30 }),
  hasRecentSuccess: fc.boolean(),
})

const inputs: fc.Arbitrary<RiskInputs> = fc.record({
  rate: orNull(near(-1, 20, [1, 2, 4, 5])),
  curve: orNull(near(-5, 5, [0, 0.5, 1.5])),
  inflation: orNull(near(-5, 15, [2, 3, 4, 7])),
  events,
  nasdaqPe: orNull(near(1, 100, [20, 30, 40])),
  topTenShare: orNull(near(0, 100, [30, 40, 50])),
  ipoHeat: orNull(fc.constantFrom('low', 'normal', 'hot')),
  growth: orNull(near(-10, 10, [0, 1, 2, 3])),
  previousGrowth: orNull(near(-10, 10, [0, 1, 2, 3])),
  unemployment: orNull(near(0, 20, [4, 5, 6])),
  earlierUnemployment: orNull(near(0, 20, [4, 5, 6])),
  production: orNull(near(-20, 20, [-2.5, 0, 2.5])),
  volatility: orNull(near(5, 90, [15, 20, 30])),
  putCallRatio: orNull(near(0.1, 3, [0.7, 1, 1.3])),
})

function riskOf(all: RiskInputs) {
  return macroRisk({
    monetary_policy: monetaryDimension(all),
    geopolitical: geopoliticalDimension(all.events),
    sector_bubble: bubbleDimension(all),
    economic_cycle: cycleDimension(all),
    market_sentiment: sentimentDimension(all),
  })
}

const lower = (value: number | null, step: number) => (value === null ? null : value - step)
const higher = (value: number | null, step: number) => (value === null ? null : value + step)
const HOTTER = { low: 'normal', normal: 'hot', hot: 'hot' } as const

/**
 * Each input whose bands have one direction, made worse by a positive step. The specification gives four others no
 * direction; their bands are compared with its table below: the rate (neither too low nor too high is best), inflation
 * (below 2 is worse than up to 3), the put/call ratio (the middle is best) and the phase of the cycle (a recovery is better
 * than a peak, so that growth, unemployment and production alone have no direction either). An input that is missing is
 * not a worse one: its part is left out, and the score may rise.
 */
const WORSE: readonly (readonly [name: string, worsen: (all: RiskInputs, step: number) => RiskInputs])[] = [
  ['a lower curve', (all, step) => ({ ...all, curve: lower(all.curve, step) })],
  [
    'more events of high impact',
    (all, step) => withEvents(all, { highImpact: all.events.highImpact + Math.ceil(step) }),
  ],
  ['graver events', (all, step) => withEvents(all, { meanLevel: higher(all.events.meanLevel, step) })],
  [
    'events of more impact',
    (all, step) => withEvents(all, { meanImpact: higher(all.events.meanImpact, step) }),
  ],
  ['a higher price-earnings ratio', (all, step) => ({ ...all, nasdaqPe: higher(all.nasdaqPe, step) })],
  [
    'a larger share of ten companies',
    (all, step) => ({ ...all, topTenShare: higher(all.topTenShare, step) }),
  ],
  ['hotter offerings', (all) => ({ ...all, ipoHeat: all.ipoHeat && HOTTER[all.ipoHeat] })],
  ['growth that was higher', (all, step) => ({ ...all, previousGrowth: higher(all.previousGrowth, step) })],
  [
    'unemployment that was lower',
    (all, step) => ({ ...all, earlierUnemployment: lower(all.earlierUnemployment, step) }),
  ],
  ['more volatility', (all, step) => ({ ...all, volatility: higher(all.volatility, step) })],
]

function withEvents(all: RiskInputs, change: Partial<GeopoliticalInputs>): RiskInputs {
  return { ...all, events: { ...all.events, ...change } }
}

const DIMENSIONS = [
  'monetary_policy',
  'geopolitical',
  'sector_bubble',
  'economic_cycle',
  'market_sentiment',
] as const
const LEVELS = ['EXTREME', 'HIGH', 'MEDIUM', 'LOW']

describe('a worse input never raises the score of the macro risk, a dimension or the level', () => {
  it.each(WORSE)('%s', (_, worsen) => {
    fc.assert(
      fc.property(inputs, near(0, 30, [0.5, 1]), (all, step) => {
        const [before, after] = [riskOf(all), riskOf(worsen(all, Math.abs(step)))]

        for (const name of DIMENSIONS)
          expect(after.scores[name] ?? -1).toBeLessThanOrEqual(before.scores[name] ?? -1)
        expect(after.overall_score ?? -1).toBeLessThanOrEqual(before.overall_score ?? -1)
        expect(LEVELS.indexOf(after.risk_level ?? '')).toBeLessThanOrEqual(
          LEVELS.indexOf(before.risk_level ?? ''),
        )
        expect(after.alerts.length).toBeGreaterThanOrEqual(before.alerts.length)
        expect([after.coverage, after.confidence]).toEqual([before.coverage, before.confidence])
      }),
      MANY,
    )
  })

  it('the first event of a feed without any', () => {
    fc.assert(
      fc.property(inputs, (all) => {
        const none = { events: 0, highImpact: 0, meanLevel: null, meanImpact: null }

        const [before, after] = [riskOf(withEvents(all, none)), riskOf(all)]

        expect(after.overall_score ?? -1).toBeLessThanOrEqual(before.overall_score ?? -1)
      }),
      MANY,
    )
  })
})

/** Bands without one direction as the specification writes them: the score of the first row that holds. */
const TABLES = {
  rate: [
    [(x: number) => x < 1, 50],
    [(x: number) => x < 2, 70],
    [(x: number) => x <= 4, 80],
    [(x: number) => x <= 5, 70],
    [() => true, 40],
  ],
  inflation: [
    [(x: number) => x < 2, 60],
    [(x: number) => x <= 3, 80],
    [(x: number) => x <= 4, 50],
    [(x: number) => x <= 7, 30],
    [() => true, 10],
  ],
  putCallRatio: [
    [(x: number) => x < 0.7, 60],
    [(x: number) => x <= 1, 80],
    [(x: number) => x <= 1.3, 60],
    [() => true, 40],
  ],
} as const

const bandOf = (name: keyof typeof TABLES, value: number) =>
  TABLES[name].find(([holds]) => holds(value))?.[1] ?? Number.NaN

describe('a part without one direction has the score of its row', () => {
  it('the rate and inflation, beside a curve of 1 with 70', () => {
    fc.assert(
      fc.property(near(-1, 20, [1, 2, 4, 5]), near(-5, 15, [2, 3, 4, 7]), (rate, inflation) => {
        const { score } = monetaryDimension({ rate, curve: 1, inflation })

        expect(score).toBeCloseTo(
          0.4 * bandOf('rate', rate) + 0.3 * 70 + 0.3 * bandOf('inflation', inflation),
          9,
        )
      }),
      MANY,
    )
  })

  it('the put/call ratio, beside a volatility of 17 with 75', () => {
    fc.assert(
      fc.property(near(0.1, 3, [0.7, 1, 1.3]), (putCallRatio) => {
        const { score } = sentimentDimension({ volatility: 17, putCallRatio })

        expect(score).toBeCloseTo(0.7 * 75 + 0.3 * bandOf('putCallRatio', putCallRatio), 9)
      }),
      MANY,
    )
  })

  it('inflation has one direction from 2 on', () => {
    fc.assert(
      fc.property(
        inputs,
        fc.double({ min: 2, max: 15, noNaN: true }),
        fc.double({ min: 0, max: 5, noNaN: true }),
        (all, inflation, step) => {
          const before = riskOf({ ...all, inflation })
          const after = riskOf({ ...all, inflation: inflation + step })

          expect(after.overall_score ?? -1).toBeLessThanOrEqual(before.overall_score ?? -1)
        },
      ),
      MANY,
    )
  })
})
