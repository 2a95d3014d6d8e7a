/** What the documentation of FRED and the specification of the macro system say of a series. */
export interface ExpectedSeries {
  readonly frequency: 'daily' | 'weekly' | 'monthly' | 'quarterly'
  /** Whether its changes are percentage points; by default they are percent. */
  readonly isPoints?: boolean
  /** Values that the figure may have in any economy, in its own unit. */
  readonly least: number
  readonly most: number
  /** Days after which its newest observation is too old, from its own date. */
  readonly maxAgeDays: number
}

const daily = { frequency: 'daily', maxAgeDays: 10 } as const
const monthly = { frequency: 'monthly', maxAgeDays: 110 } as const
const quarterly = { frequency: 'quarterly', maxAgeDays: 240 } as const
const rate = { ...daily, isPoints: true, least: -20, most: 100 }
const change = { ...monthly, isPoints: true, least: -100, most: 1_000 }

/** Each indicator, by its key. Stated apart from the job, whose mistakes must not be repeated here. */
export const EXPECTED_SERIES: Readonly<Record<string, ExpectedSeries>> = {
  DFF: rate,
  DGS10: rate,
  DGS2: rate,
  T10Y2Y: rate,
  // billions of dollars
  M2SL: { ...monthly, least: 1, most: 1e6 },
  M2SL_PC1: change,
  CPIAUCSL: { ...monthly, least: 1, most: 1e5 },
  CPIAUCSL_PC1: change,
  CPILFESL: { ...monthly, least: 1, most: 1e5 },
  CPILFESL_PC1: change,
  PCE: { ...monthly, least: 1, most: 1e6 },
  PCE_PC1: change,
  // billions of dollars
  GDPC1: { ...quarterly, least: 1, most: 1e6 },
  // annualised
  A191RL1Q225SBEA: { ...quarterly, isPoints: true, least: -100, most: 1_000 },
  UNRATE: { ...monthly, isPoints: true, least: 0, most: 100 },
  // persons
  ICSA: { frequency: 'weekly', maxAgeDays: 21, least: 1, most: 1e8 },
  INDPRO: { ...monthly, least: 1, most: 1e4 },
  INDPRO_PC1: change,
  // millions of dollars
  RSXFS: { ...monthly, least: 1, most: 1e8 },
  // thousands of houses
  HOUST: { ...monthly, least: 1, most: 1e5 },
  UMCSENT: { ...monthly, least: 1, most: 300, maxAgeDays: 140 },
  VIXCLS: { ...daily, least: 1, most: 1_000 },
}
