import type { ChangeUnit, Frequency } from '#shared/analysis/macro/indicator-changes.ts'
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
  /** Days after which a newest observation is too old, where the series is published later than others. */
  readonly maxAgeDays?: number
}

/** Number of observations of more than a year; of a daily series holidays count too. */
const LIMIT: Readonly<Record<Frequency, number>> = { daily: 400, weekly: 60, monthly: 20, quarterly: 8 }

type Row = readonly [
  seriesId: string,
  name: string,
  unit: string,
  frequency: Frequency,
  changeUnit: ChangeUnit,
  more?: { readonly maxAgeDays?: number; readonly hasYearChange?: boolean },
]

const YEAR_CHANGE = { hasYearChange: true }

/** Source of series, groups and units: the specification of the macro system, section 4.3. */
const ROWS: Readonly<Record<MacroSeries['group'], readonly Row[]>> = {
  MONETARY: [
    ['DFF', 'Effective federal funds rate', 'percent', 'daily', 'pp'],
    ['DGS10', '10-year Treasury yield', 'percent', 'daily', 'pp'],
    ['DGS2', '2-year Treasury yield', 'percent', 'daily', 'pp'],
    ['T10Y2Y', '10-year minus 2-year Treasury yield', 'percentage points', 'daily', 'pp'],
    ['M2SL', 'Money stock M2', 'billions of dollars', 'monthly', 'percent', YEAR_CHANGE],
    ['CPIAUCSL', 'Consumer price index', 'index 1982-1984 = 100', 'monthly', 'percent', YEAR_CHANGE],
    ['CPILFESL', 'Core consumer price index', 'index 1982-1984 = 100', 'monthly', 'percent', YEAR_CHANGE],
    ['PCE', 'Personal consumption expenditures', 'billions of dollars', 'monthly', 'percent', YEAR_CHANGE],
  ],
  ECONOMIC: [
    ['GDPC1', 'Real gross domestic product', 'billions of chained dollars', 'quarterly', 'percent'],
    ['A191RL1Q225SBEA', 'Growth of real gross domestic product', 'percent, annualised', 'quarterly', 'pp'],
    ['UNRATE', 'Unemployment rate', 'percent', 'monthly', 'pp'],
    ['ICSA', 'Initial claims for unemployment insurance', 'claims', 'weekly', 'percent'],
    ['INDPRO', 'Industrial production', 'index', 'monthly', 'percent', YEAR_CHANGE],
    ['RSXFS', 'Retail sales', 'millions of dollars', 'monthly', 'percent'],
    ['HOUST', 'Housing starts', 'thousands', 'monthly', 'percent'],
  ],
  SENTIMENT: [
    ['UMCSENT', 'Consumer sentiment', 'index', 'monthly', 'percent', { maxAgeDays: 140 }],
    ['VIXCLS', 'Volatility index VIX', 'index', 'daily', 'percent'],
  ],
}

/** Every macro indicator, in order of its group. */
export const MACRO_SERIES: readonly MacroSeries[] = Object.entries(ROWS).flatMap(([group, rows]) =>
  rows.flatMap((row) => seriesOf(group as MacroSeries['group'], row)),
)

/** A change from a year before is in percent, so that its own changes are in percentage points. */
function seriesOf(
  group: MacroSeries['group'],
  [seriesId, name, unit, frequency, changeUnit, { hasYearChange = false, ...more } = {}]: Row,
): readonly MacroSeries[] {
  const common = { seriesId, group, frequency, limit: LIMIT[frequency], ...more }
  const level: MacroSeries = { ...common, key: seriesId, name, unit, units: 'lin', changeUnit }
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
    },
  ]
}
