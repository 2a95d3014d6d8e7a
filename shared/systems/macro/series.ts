import type { ChangeUnit } from '#shared/analysis/macro/indicator-changes.ts'
import type { Frequency } from '#shared/analysis/macro/periods.ts'
import type { Bounds } from '#shared/upstreams/fields.ts'
import type { FredUnits } from '#shared/upstreams/macro/fred-observations.ts'

/** One macro indicator: a series of FRED in one unit. */
export interface MacroSeries {
  /** Unique: the id of the series, with `_PC1` where the unit is the change from a year before. */
  readonly key: string
  readonly seriesId: string
  readonly group: 'MONETARY' | 'ECONOMIC' | 'SENTIMENT'
  readonly name: string
  /** The unit of the values. FRED does not state it in an answer. */
  readonly unit: string
  /** The unit that is requested of FRED. */
  readonly units: FredUnits
  /** Number of observations that are requested: those of more than a year. */
  readonly limit: number
  readonly frequency: Frequency
  readonly changeUnit: ChangeUnit
  /** Bounds of a value in its unit: an answer does not name its series, and one beyond them is of another. */
  readonly bounds: Bounds
  /** Days after which a newest observation is too old, where the series is published later than others. */
  readonly maxAgeDays?: number
}

/** Number of observations of more than a year; of a daily series holidays count too. */
const LIMIT: Readonly<Record<Frequency, number>> = {
  'calendar-daily': 400,
  daily: 400,
  weekly: 60,
  monthly: 20,
  quarterly: 8,
}

type Row = readonly [
  seriesId: string,
  name: string,
  unit: string,
  frequency: Frequency,
  changeUnit: ChangeUnit,
  bounds: readonly [min: number, max: number],
  more?: { readonly maxAgeDays?: number; readonly hasYearChange?: boolean },
]

const YEAR_CHANGE = { hasYearChange: true }

/** Money doubles within a year in no country whose figures are believed. */
const YEAR_CHANGE_BOUNDS: Bounds = { min: -60, max: 100 }

const RATE = [-5, 50] as const
const PRICE_INDEX = [100, 10_000] as const
const BILLIONS = [1_000, 1_000_000] as const

/**
 * Source of series, groups and units: the specification of the macro system, section 4.3. The bounds are several times the
 * extremes since 1960, and the frequencies are those of FRED.
 */
const ROWS: Readonly<Record<MacroSeries['group'], readonly Row[]>> = {
  MONETARY: [
    ['DFF', 'Effective federal funds rate', 'percent', 'calendar-daily', 'pp', RATE],
    ['DGS10', '10-year Treasury yield', 'percent', 'daily', 'pp', RATE],
    ['DGS2', '2-year Treasury yield', 'percent', 'daily', 'pp', RATE],
    ['T10Y2Y', '10-year minus 2-year Treasury yield', 'percentage points', 'daily', 'pp', [-20, 20]],
    ['M2SL', 'Money stock M2', 'billions of dollars', 'monthly', 'percent', BILLIONS, YEAR_CHANGE],
    [
      'CPIAUCSL',
      'Consumer price index',
      'index 1982-1984 = 100',
      'monthly',
      'percent',
      PRICE_INDEX,
      YEAR_CHANGE,
    ],
    [
      'CPILFESL',
      'Core consumer price index',
      'index 1982-1984 = 100',
      'monthly',
      'percent',
      PRICE_INDEX,
      YEAR_CHANGE,
    ],
    [
      'PCE',
      'Personal consumption expenditures',
      'billions of dollars',
      'monthly',
      'percent',
      BILLIONS,
      YEAR_CHANGE,
    ],
  ],
  ECONOMIC: [
    ['GDPC1', 'Real gross domestic product', 'billions of chained dollars', 'quarterly', 'percent', BILLIONS],
    [
      'A191RL1Q225SBEA',
      'Growth of real gross domestic product',
      'percent, annualised',
      'quarterly',
      'pp',
      [-90, 200],
    ],
    ['UNRATE', 'Unemployment rate', 'percent', 'monthly', 'pp', [0, 60]],
    [
      'ICSA',
      'Initial claims for unemployment insurance',
      'claims',
      'weekly',
      'percent',
      [10_000, 50_000_000],
    ],
    ['INDPRO', 'Industrial production', 'index', 'monthly', 'percent', [10, 1_000], YEAR_CHANGE],
    ['RSXFS', 'Retail sales', 'millions of dollars', 'monthly', 'percent', [10_000, 100_000_000]],
    ['HOUST', 'Housing starts', 'thousands', 'monthly', 'percent', [50, 20_000]],
  ],
  SENTIMENT: [
    ['UMCSENT', 'Consumer sentiment', 'index', 'monthly', 'percent', [10, 200], { maxAgeDays: 140 }],
    ['VIXCLS', 'Volatility index VIX', 'index', 'daily', 'percent', [1, 300]],
  ],
}

/** Every macro indicator, in order of its group. */
export const MACRO_SERIES: readonly MacroSeries[] = Object.entries(ROWS).flatMap(([group, rows]) =>
  rows.flatMap((row) => seriesOf(group as MacroSeries['group'], row)),
)

/** A change from a year before is in percent, so that its own changes are in percentage points. */
function seriesOf(
  group: MacroSeries['group'],
  [seriesId, name, unit, frequency, changeUnit, [min, max], { hasYearChange = false, ...more } = {}]: Row,
): readonly MacroSeries[] {
  const bounds = { min, max }
  const common = { seriesId, group, frequency, limit: LIMIT[frequency], ...more }
  const level: MacroSeries = { ...common, key: seriesId, name, unit, units: 'lin', changeUnit, bounds }
  if (!hasYearChange) return [level]
  return [
    level,
    {
      ...common,
      key: `${seriesId}_PC1`,
      name: `${name}, change from a year before`,
      unit: 'percent',
      units: 'pc1',
      changeUnit: 'pp',
      bounds: YEAR_CHANGE_BOUNDS,
    },
  ]
}
