import * as z from 'zod/mini'
import { DAY_MS } from '#shared/domain/duration.ts'
import { isEmptyObject, members } from '../error-codes.ts'
import { currencyCode, label, orNullIfNone, pastDate, percentOfFraction, signedRatio } from '../fields.ts'
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
  /** Members that are absent or could not be read; their values are `null`. */
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

/** No share moves a hundred times as much as the market. */
const MAX_BETA = 100

/** The provider sends fractions. */
const percent = orNullIfNone(percentOfFraction('text'))

/** Equity and revenue may be close to 0, assets are not. */
const MAX_RETURN_ON_ASSETS = 10

/** A company that reports less often has no fundamentals of today. */
const MAX_QUARTER_AGE_MS = 5 * 366 * DAY_MS

const fieldsAt = (now: number) =>
  ({
    peRatio: ['PERatio', ratio],
    forwardPeRatio: ['ForwardPE', ratio],
    pbRatio: ['PriceToBookRatio', ratio],
    pegRatio: ['PEGRatio', ratio],
    beta: ['Beta', orNullIfNone(signedRatio('text', MAX_BETA))],
    returnOnEquityPercent: ['ReturnOnEquityTTM', percent],
    returnOnAssetsPercent: [
      'ReturnOnAssetsTTM',
      orNullIfNone(percentOfFraction('text', MAX_RETURN_ON_ASSETS)),
    ],
    profitMarginPercent: ['ProfitMargin', percent],
    revenueGrowthPercent: ['QuarterlyRevenueGrowthYOY', percent],
    earningsGrowthPercent: ['QuarterlyEarningsGrowthYOY', percent],
    assetType: ['AssetType', orNullIfNone(label())],
    currency: ['Currency', orNullIfNone(currencyCode())],
    sector: ['Sector', orNullIfNone(label())],
    industry: ['Industry', orNullIfNone(label())],
    latestQuarter: ['LatestQuarter', orNullIfNone(pastDate({ now, maxAgeMs: MAX_QUARTER_AGE_MS }))],
  }) as const satisfies Record<string, readonly [member: string, type: z.ZodMiniType<string | null>]>

type Values = Record<keyof ReturnType<typeof fieldsAt>, string | null>

const FUND = /^ETF$/i

/** Figures that no fund has. */
const COMPANY_FIGURES = [
  'returnOnEquityPercent',
  'returnOnAssetsPercent',
  'profitMarginPercent',
  'revenueGrowthPercent',
  'earningsGrowthPercent',
] as const

const identity = z.object({ Symbol: label() })

/**
 * Parses an answer of `OVERVIEW`. Each member is read by itself: one that is absent or cannot be read is lost, and `null`.
 * Without a value, the provider sends `None`, `-` or an empty text.
 *
 * @param answer - `null` for a call that was not answered with data
 * @throws {TypeError} for an answer about another symbol, and for a fund with the figures of a company
 * @throws {z.core.$ZodError} for a body of another form
 * @see https://www.alphavantage.co/documentation/#company-overview
 */
export function parseAlphaVantageOverview(
  answer: unknown,
  { symbol, now }: { readonly symbol: string; readonly now: number },
): CompanyOverview | NoFundamentals {
  if (answer === null || isEmptyObject(answer)) return { kind: 'no-fundamentals', cause: 'empty' }
  const { Symbol: answered } = identity.parse(answer)
  expectSymbol(symbol, answered)
  const json = members(answer)
  const lost: LostRow[] = []
  const values = Object.fromEntries(
    Object.entries(fieldsAt(now)).map(([name, [member, type]]) => {
      const result = type.safeParse(json[member])
      if (result.success && json[member] !== undefined) return [name, result.data]
      const message = result.success
        ? `expected ${member}, got nothing`
        : result.error.issues.map((issue) => issue.message).join('; ')
      lost.push({ name: member, message })
      return [name, null]
    }),
  ) as Values
  if (values.assetType !== null && FUND.test(values.assetType)) {
    const figure = COMPANY_FIGURES.find((name) => Number(values[name] ?? 0) !== 0)
    if (figure === undefined) return { kind: 'no-fundamentals', cause: 'fund' }
    throw new TypeError(`expected a fund without the figures of a company, got ${figure} ${values[figure]}`)
  }
  return { kind: 'company', symbol: answered, ...values, lost }
}
