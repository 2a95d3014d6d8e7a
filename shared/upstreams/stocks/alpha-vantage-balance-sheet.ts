import * as z from 'zod/mini'
import { DAY_MS } from '#shared/domain/duration.ts'
import { isEmptyObject } from '../error-codes.ts'
import { amount, calendarDate, label, orNullIfNone, rowList, signedAmount } from '../fields.ts'
import { type LostRow, readRows } from '../rows.ts'
import { expectSymbol } from './expect-symbol.ts'

/** The newest balance sheet of a company. Amounts are decimals as text, in one currency; `null` where there is none. */
export interface BalanceSheet {
  /** As the provider spells it. */
  readonly symbol: string
  /** The end of the period that it reports: `2026-09-30`. */
  readonly fiscalDate: string
  readonly currentAssets: string | null
  readonly currentLiabilities: string | null
  /** Short-term and long-term debt together. */
  readonly debt: string | null
  /** Negative when a company owes more than it has. */
  readonly equity: string | null
  /** Lists that are absent, reports without a day of the past, and members that are absent or could not be read: their values are `null`. */
  readonly lost: readonly LostRow[]
}

/** The call for the balance sheets of a symbol. */
export function alphaVantageBalanceSheetCall(symbol: string) {
  return { path: '/query', query: { function: 'BALANCE_SHEET', symbol } }
}

/** A balance sheet that is older says nothing about the company of today. */
const MAX_AGE_MS = 550 * DAY_MS

const amountOrNull = orNullIfNone(amount('text'))

const AMOUNTS = {
  totalCurrentAssets: amountOrNull,
  totalCurrentLiabilities: amountOrNull,
  shortLongTermDebtTotal: amountOrNull,
  shortTermDebt: amountOrNull,
  longTermDebt: amountOrNull,
  totalShareholderEquity: orNullIfNone(signedAmount('text')),
} as const

const datedReport = z.looseObject({ fiscalDateEnding: calendarDate() })

type Report = z.infer<typeof datedReport>

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
 * Each amount of it is read by itself.
 *
 * @param answer - `null` for a call that was not answered with data
 * @returns `undefined` when the provider has none, or none that ended in the last 550 days
 * @throws {TypeError} for an answer about another symbol, and when reports are sent and none has a day of the past
 * @throws {z.core.$ZodError} for a body of another form
 * @see https://www.alphavantage.co/documentation/#balance-sheet
 */
export function parseAlphaVantageBalanceSheet(
  answer: unknown,
  { symbol, now }: SheetQuestion,
): BalanceSheet | undefined {
  if (answer === null || isEmptyObject(answer)) return undefined
  const { symbol: answered, quarterlyReports, annualReports } = body.parse(answer)
  expectSymbol(symbol, answered)
  const { newest, lost } = newestReport([...(quarterlyReports ?? []), ...(annualReports ?? [])], now)
  if (!newest) return undefined
  for (const [name, reports] of Object.entries({ quarterlyReports, annualReports }))
    if (!reports) lost.push({ name, message: `expected a list of ${name}, got nothing` })
  const read = (member: keyof typeof AMOUNTS) => {
    const result = AMOUNTS[member].safeParse(newest[member])
    if (result.success && newest[member] !== undefined) return result.data
    const message = result.success
      ? `expected ${member}, got nothing`
      : result.error.issues.map((issue) => issue.message).join('; ')
    lost.push({ name: member, message })
    return null
  }
  return {
    symbol: answered,
    fiscalDate: newest.fiscalDateEnding,
    currentAssets: read('totalCurrentAssets'),
    currentLiabilities: read('totalCurrentLiabilities'),
    debt: debtOf(newest, read),
    equity: read('totalShareholderEquity'),
    lost,
  }
}

/** Of a quarterly and an annual report of one date, the quarterly one. */
function newestReport(reports: readonly unknown[], now: number) {
  const lost: LostRow[] = []
  const dated = reports.flatMap((raw): readonly Report[] => {
    const { rows, lost: unread } = readRows([raw], datedReport, (row) => row.fiscalDateEnding)
    lost.push(...unread.map(({ message }) => ({ name: 'a balance sheet', message })))
    return rows
  })
  const past = dated.filter(({ fiscalDateEnding: name }) => {
    const isPast = Date.parse(name) <= now
    if (!isPast) lost.push({ name, message: `expected a balance sheet of the past, got one of ${name}` })
    return isPast
  })
  if (reports.length > 0 && past.length === 0)
    throw new TypeError(`expected a report of a day of the past, got none of ${reports.length}`)
  const newest = past
    .filter(({ fiscalDateEnding }) => now - Date.parse(fiscalDateEnding) <= MAX_AGE_MS)
    .reduce<Report | undefined>(
      (best, one) => (best && best.fiscalDateEnding >= one.fiscalDateEnding ? best : one),
      undefined,
    )
  return { newest, lost }
}

/** The total, or the sum of its parts where the provider has no total. */
function debtOf(
  report: Report,
  read: (member: 'shortLongTermDebtTotal' | 'shortTermDebt' | 'longTermDebt') => string | null,
): string | null {
  const total = read('shortLongTermDebtTotal')
  const isNone = amountOrNull.safeParse(report['shortLongTermDebtTotal']).data === null
  if (total !== null || !isNone || report['shortLongTermDebtTotal'] === undefined) return total
  return sumOf(read('shortTermDebt'), read('longTermDebt'))
}

/** The sum of two amounts, which are whole numbers; `null` unless both are there. */
function sumOf(a: string | null, b: string | null): string | null {
  return a === null || b === null ? null : String(Number(a) + Number(b))
}
