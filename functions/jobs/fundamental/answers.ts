import type { CompanyFacts, FundamentalFigures } from '#shared/analysis/portfolio/fundamental-record.ts'
import { finiteOrNull } from '#shared/analysis/series.ts'
import type { Call } from '#shared/engine/model/refresh.ts'
import type { LostRow } from '#shared/upstreams/rows.ts'
import {
  alphaVantageBalanceSheetCall,
  parseAlphaVantageBalanceSheet,
} from '#shared/upstreams/stocks/alpha-vantage-balance-sheet.ts'
import {
  alphaVantageOverviewCall,
  type CompanyOverview,
  type NoFundamentals,
  parseAlphaVantageOverview,
} from '#shared/upstreams/stocks/alpha-vantage-overview.ts'

/** The figures of a company's balance sheet; `null` without a sheet, or without an amount that they need. */
export type SheetFigures = Pick<CompanyFacts, 'balance_sheet_date'> &
  Pick<FundamentalFigures, 'current_ratio' | 'debt_to_equity'>

/** A company as the provider describes it now. */
export interface Company {
  readonly kind: 'company'
  readonly facts: Omit<CompanyFacts, 'balance_sheet_date'>
  readonly figures: Omit<FundamentalFigures, 'current_ratio' | 'debt_to_equity'>
  /** `undefined` when the balance sheets were requested and not answered. */
  readonly sheet: SheetFigures | undefined
  /** Whether balance sheets were requested and the answer has none, or some that could not be read. */
  readonly isSheetDoubtful: boolean
  /** Members that could not be read. */
  readonly lost: readonly LostRow[]
}

interface Question {
  readonly symbol: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

interface SheetAnswer {
  /** `undefined` when the balance sheets were requested and not answered. */
  readonly figures: SheetFigures | undefined
  readonly lost: readonly LostRow[]
}

const TRAILING_RATIO = 'PERatio'

/** A divisor close to 0 gives no ratio of use. */
const MAX_SHEET_RATIO = 1e5

const NO_SHEET: SheetFigures = { balance_sheet_date: null, current_ratio: null, debt_to_equity: null }

/** The calls for the fundamentals of a symbol. Without its balance sheet, the rest is still of use. */
export function fundamentalCalls(symbol: string, withBalanceSheet: boolean): readonly Call[] {
  const overview = alphaVantageOverviewCall(symbol)
  return withBalanceSheet
    ? [overview, { ...alphaVantageBalanceSheetCall(symbol), optional: true }]
    : [overview]
}

/**
 * Parses the answers to {@link fundamentalCalls}, in their order.
 *
 * @throws {TypeError} for an answer about another symbol
 * @throws {z.core.$ZodError} for a body of another form
 */
export function parseFundamentals(
  [overview, sheet]: readonly (object | null)[],
  question: Question,
): Company | NoFundamentals {
  const parsed = parseAlphaVantageOverview(overview, question)
  if (parsed.kind === 'no-fundamentals') return parsed
  const read = sheetOf(sheet, question)
  const { assetType, currency, sector, industry, latestQuarter, lost } = parsed
  return {
    kind: 'company',
    facts: { asset_type: assetType, currency, sector, industry, latest_quarter: latestQuarter },
    figures: figuresOf(parsed),
    sheet: read.figures,
    isSheetDoubtful: sheet !== undefined && (read.figures === NO_SHEET || read.lost.length > 0),
    lost: [...lost, ...read.lost],
  }
}

/** The forward ratio takes the place of a trailing one that the provider does not have, not of one that it did not send. */
function figuresOf(overview: CompanyOverview): Company['figures'] {
  const isLost = overview.lost.some(({ name }) => name === TRAILING_RATIO)
  return {
    pe: isLost ? null : numberOrNull(overview.peRatio ?? overview.forwardPeRatio),
    pb: numberOrNull(overview.pbRatio),
    peg: numberOrNull(overview.pegRatio),
    beta: numberOrNull(overview.beta),
    roe: numberOrNull(overview.returnOnEquityPercent),
    roa: numberOrNull(overview.returnOnAssetsPercent),
    margin: numberOrNull(overview.profitMarginPercent),
    revenue_growth: numberOrNull(overview.revenueGrowthPercent),
    earnings_growth: numberOrNull(overview.earningsGrowthPercent),
  }
}

/** @param answer - `undefined` when balance sheets are not requested, `null` when the request failed */
function sheetOf(answer: object | null | undefined, question: Question): SheetAnswer {
  if (answer === null) return { figures: undefined, lost: [] }
  const sheet = answer && parseAlphaVantageBalanceSheet(answer, question)
  if (!sheet) return { figures: NO_SHEET, lost: [] }
  const ratios = {
    current_ratio: ratio(sheet.currentAssets, sheet.currentLiabilities),
    debt_to_equity: ratio(sheet.debt, sheet.equity),
  }
  const isBeyond = (value: number | null) => value !== null && Math.abs(value) > MAX_SHEET_RATIO
  const beyond = Object.entries(ratios).filter(([, value]) => isBeyond(value))
  return {
    figures: {
      balance_sheet_date: sheet.fiscalDate,
      ...ratios,
      ...Object.fromEntries(beyond.map(([name]) => [name, null])),
    },
    lost: [
      ...sheet.lost,
      ...beyond.map(([name, value]) => ({
        name,
        message: `expected at most ${MAX_SHEET_RATIO}, got ${value}`,
      })),
    ],
  }
}

/** `null` also for a divisor of 0. */
function ratio(dividend: string | null, divisor: string | null): number | null {
  return dividend === null || divisor === null ? null : finiteOrNull(Number(dividend) / Number(divisor))
}

function numberOrNull(decimal: string | null): number | null {
  return decimal === null ? null : Number(decimal)
}
