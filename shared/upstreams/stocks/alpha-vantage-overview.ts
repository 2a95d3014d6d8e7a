import * as z from 'zod/mini'
import { isEmptyObject, members } from '../error-codes.ts'
import { calendarDate, label, orNullIfNone, percentOfFraction, signedRatio } from '../fields.ts'
import type { LostRow } from '../rows.ts'
import { expectSymbol } from './expect-symbol.ts'

/** The fundamentals of a company; `null` where the provider has no value. Numbers are decimals as text. */
export interface CompanyOverview extends Ratios {
  readonly kind: 'company'
  /** As the provider spells it. */
  readonly symbol: string
  readonly assetType: string | null
  /** The currency of the listing, in ISO 4217. */
  readonly currency: string | null
  readonly sector: string | null
  readonly industry: string | null
  /** The end of the latest reported quarter: `2026-09-30`. */
  readonly latestQuarter: string | null
  /** Members that could not be read; their values are `null`. */
  readonly lost: readonly LostRow[]
}

/** Funds, indices and some foreign shares have bars and no fundamentals. */
export interface NoFundamentals {
  readonly kind: 'no-fundamentals'
  /** `empty`: the provider sends nothing about the symbol; `fund`: it says that the symbol is a fund. */
  readonly cause: 'empty' | 'fund'
}

/** Ratios as ratios, the members whose names end in `Percent` in percent. */
interface Ratios {
  readonly peRatio: string | null
  readonly forwardPeRatio: string | null
  readonly pbRatio: string | null
  readonly pegRatio: string | null
  readonly beta: string | null
  readonly returnOnEquityPercent: string | null
  readonly returnOnAssetsPercent: string | null
  readonly profitMarginPercent: string | null
  readonly revenueGrowthPercent: string | null
  readonly earningsGrowthPercent: string | null
}

/** The call for the fundamentals of a symbol. */
export function alphaVantageOverviewCall(symbol: string) {
  return { path: '/query', query: { function: 'OVERVIEW', symbol } }
}

const ratio = orNullIfNone(signedRatio('text'))

/** The provider sends fractions. */
const percent = orNullIfNone(percentOfFraction('text'))

const FIELDS = {
  peRatio: ['PERatio', ratio],
  forwardPeRatio: ['ForwardPE', ratio],
  pbRatio: ['PriceToBookRatio', ratio],
  pegRatio: ['PEGRatio', ratio],
  beta: ['Beta', ratio],
  returnOnEquityPercent: ['ReturnOnEquityTTM', percent],
  returnOnAssetsPercent: ['ReturnOnAssetsTTM', percent],
  profitMarginPercent: ['ProfitMargin', percent],
  revenueGrowthPercent: ['QuarterlyRevenueGrowthYOY', percent],
  earningsGrowthPercent: ['QuarterlyEarningsGrowthYOY', percent],
  assetType: ['AssetType', orNullIfNone(label())],
  currency: ['Currency', orNullIfNone(label())],
  sector: ['Sector', orNullIfNone(label())],
  industry: ['Industry', orNullIfNone(label())],
  latestQuarter: ['LatestQuarter', orNullIfNone(calendarDate())],
} as const satisfies Record<string, readonly [member: string, type: z.ZodMiniType<string | null>]>

const FUND = /^ETF$/i

const identity = z.object({ Symbol: label() })

/**
 * Parses an answer of `OVERVIEW`. Each member is read by itself: one that cannot be read is lost, and `null`.
 *
 * @param answer - `null` for a call that was not answered with data
 * @throws {TypeError} for an answer about another symbol
 * @throws {z.core.$ZodError} for a body of another form
 * @see https://www.alphavantage.co/documentation/#company-overview
 */
export function parseAlphaVantageOverview(
  answer: unknown,
  { symbol }: { readonly symbol: string },
): CompanyOverview | NoFundamentals {
  if (answer === null || isEmptyObject(answer)) return { kind: 'no-fundamentals', cause: 'empty' }
  const { Symbol: answered } = identity.parse(answer)
  expectSymbol(symbol, answered)
  const json = members(answer)
  const lost: LostRow[] = []
  const values = Object.fromEntries(
    Object.entries(FIELDS).map(([name, [member, type]]) => {
      const result = type.safeParse(json[member])
      if (result.success) return [name, result.data]
      lost.push({ name: member, message: result.error.issues.map(({ message }) => message).join('; ') })
      return [name, null]
    }),
  ) as Record<keyof typeof FIELDS, string | null>
  if (values.assetType !== null && FUND.test(values.assetType))
    return { kind: 'no-fundamentals', cause: 'fund' }
  return { kind: 'company', symbol: answered, ...values, lost }
}
