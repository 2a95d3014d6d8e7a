import * as z from 'zod/mini'
import { DAY_MS } from '#shared/domain/duration.ts'
import { isEmptyObject } from '../error-codes.ts'
import { calendarDate, label, orNullIfNone, rowList, signedAmount } from '../fields.ts'
import { readRows } from '../rows.ts'
import { expectSymbol } from './expect-symbol.ts'

/** The newest balance sheet of a company. Amounts are decimals as text in one currency; `null` where there is none. */
export interface BalanceSheet {
  /** As the provider spells it. */
  readonly symbol: string
  /** The end of the period that it reports: `2026-09-30`. */
  readonly fiscalDate: string
  readonly currency: string | null
  readonly currentAssets: string | null
  readonly currentLiabilities: string | null
  /** Short-term and long-term debt together. */
  readonly debt: string | null
  /** Negative when a company owes more than it has. */
  readonly equity: string | null
}

/** The call for the balance sheets of a symbol. */
export function alphaVantageBalanceSheetCall(symbol: string) {
  return { path: '/query', query: { function: 'BALANCE_SHEET', symbol } }
}

/** A balance sheet that is older says nothing about the company of today. */
const MAX_AGE_MS = 550 * DAY_MS

const amountOrNull = orNullIfNone(signedAmount('text'))

/** The names of these members are not verified: one that is absent is `null`. */
const report = z.object({
  fiscalDateEnding: calendarDate(),
  reportedCurrency: orNullIfNone(label()),
  totalCurrentAssets: amountOrNull,
  totalCurrentLiabilities: amountOrNull,
  shortLongTermDebtTotal: amountOrNull,
  shortTermDebt: amountOrNull,
  longTermDebt: amountOrNull,
  totalShareholderEquity: amountOrNull,
})

type Report = z.infer<typeof report>

const body = z.object({
  symbol: label(),
  annualReports: z.optional(rowList()),
  quarterlyReports: z.optional(rowList()),
})

interface SheetQuestion {
  readonly symbol: string
  readonly now: number
}

/**
 * Parses an answer of `BALANCE_SHEET`: the newest of the quarterly and annual reports by its date, whatever its position.
 *
 * @param answer - `null` for a call that was not answered with data
 * @returns `undefined` when the provider has none, or none that ended in the last 550 days
 * @throws {TypeError} for an answer about another symbol, and when reports are sent and none can be read
 * @throws {z.core.$ZodError} for a body of another form
 * @see https://www.alphavantage.co/documentation/#balance-sheet
 */
export function parseAlphaVantageBalanceSheet(
  answer: unknown,
  { symbol, now }: SheetQuestion,
): BalanceSheet | undefined {
  if (answer === null || isEmptyObject(answer)) return undefined
  const { symbol: answered, quarterlyReports = [], annualReports = [] } = body.parse(answer)
  expectSymbol(symbol, answered)
  const newest = newestReport([...quarterlyReports, ...annualReports], now)
  if (!newest) return undefined
  return {
    symbol: answered,
    fiscalDate: newest.fiscalDateEnding,
    currency: newest.reportedCurrency,
    currentAssets: newest.totalCurrentAssets,
    currentLiabilities: newest.totalCurrentLiabilities,
    debt: newest.shortLongTermDebtTotal ?? sumOf(newest.shortTermDebt, newest.longTermDebt),
    equity: newest.totalShareholderEquity,
  }
}

/** Of a quarterly and an annual report of one date, the quarterly one. */
function newestReport(reports: readonly unknown[], now: number): Report | undefined {
  const parsed = reports.flatMap((raw) => readRows([raw], report, (row) => row.fiscalDateEnding).rows)
  if (reports.length > 0 && parsed.length === 0)
    throw new TypeError(`expected a report that can be read, got ${reports.length} that cannot`)
  return parsed
    .filter(({ fiscalDateEnding }) => {
      const ageMs = now - Date.parse(fiscalDateEnding)
      return ageMs >= 0 && ageMs <= MAX_AGE_MS
    })
    .reduce<Report | undefined>(
      (best, one) => (best && best.fiscalDateEnding >= one.fiscalDateEnding ? best : one),
      undefined,
    )
}

/** The sum of two amounts, which are whole numbers; `null` unless both are there. */
function sumOf(a: string | null, b: string | null): string | null {
  return a === null || b === null ? null : String(Number(a) + Number(b))
}
