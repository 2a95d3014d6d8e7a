import type { CompanyFacts, FundamentalFigures } from '#shared/analysis/portfolio/fundamental-record.ts'
import { newYorkDate } from '#shared/analysis/portfolio/sessions.ts'
import { checkUnits, NO_UNITS, type UnitMemory } from '#shared/analysis/portfolio/unit-changes.ts'
import type { NoFundamentals } from '#shared/upstreams/stocks/alpha-vantage-overview.ts'
import type { Company, SheetFigures } from './answers.ts'

/** What the job keeps of a symbol for its next run. */
export interface FundamentalMemory {
  /** When the provider last answered, in milliseconds since the epoch. */
  readonly fetchedAt: number
  /** `null` if the provider has no fundamentals of the symbol. */
  readonly company: { readonly facts: CompanyFacts; readonly figures: FundamentalFigures } | null
  readonly units: UnitMemory
  /** Why members are not as the provider sent them, by name. */
  readonly notes: Readonly<Record<string, string>>
  readonly degradedReasons: readonly DegradedReason[]
}

type DegradedReason = 'unit_suspect' | 'unreadable' | 'no_balance_sheet_answer'

/**
 * The memory after an answer. What a balance sheet said stays when the newest one is not answered, and a figure whose unit
 * seems to have changed keeps its old value.
 *
 * @param now - when the provider answered, in milliseconds since the epoch
 */
export function memoryAfter(
  answer: Company | NoFundamentals,
  before: FundamentalMemory | undefined,
  now: number,
): FundamentalMemory {
  const units = before?.units ?? NO_UNITS
  const storedSheet = sheetBefore(before)
  if (answer.kind === 'no-fundamentals')
    return { fetchedAt: now, company: null, units, notes: {}, degradedReasons: [] }
  const sheet = newestSheet(answer, storedSheet)
  const { balance_sheet_date, ...ratios } = sheet ?? storedSheet
  const { figures, suspects, memory } = checkUnits({ ...answer.figures, ...ratios }, units, newYorkDate(now))
  const reasons: Readonly<Record<DegradedReason, boolean>> = {
    unit_suspect: suspects.length > 0,
    unreadable: answer.lost.length > 0,
    no_balance_sheet_answer: sheet === undefined,
  }
  return {
    fetchedAt: now,
    company: { facts: { ...answer.facts, balance_sheet_date }, figures },
    units: memory,
    notes: Object.fromEntries(suspects.map((name) => [name, 'unit_suspect'])),
    degradedReasons: (Object.keys(reasons) as DegradedReason[]).filter((reason) => reasons[reason]),
  }
}

/** `undefined` for no answer, and for a doubtful one without the sheet that an earlier answer had. */
function newestSheet({ sheet, isSheetDoubtful }: Company, stored: SheetFigures): SheetFigures | undefined {
  const isOlder = (sheet?.balance_sheet_date ?? '') < (stored.balance_sheet_date ?? '')
  return isSheetDoubtful && isOlder ? undefined : sheet
}

function sheetBefore(before: FundamentalMemory | undefined): SheetFigures {
  const { facts, figures } = before?.company ?? {}
  return {
    balance_sheet_date: facts?.balance_sheet_date ?? null,
    current_ratio: figures?.current_ratio ?? null,
    debt_to_equity: figures?.debt_to_equity ?? null,
  }
}
