import { newYorkDate } from '#shared/analysis/portfolio/sessions.ts'
import type { PlanContext } from '#shared/engine/model/refresh.ts'
import {
  callsPerSymbol,
  fundamentalsWithinBudget,
  type QueuedSymbol,
  sessionOfToday,
} from '#shared/systems/portfolio/fundamental-queue.ts'
import { memoryOf } from '#shared/systems/portfolio/symbols.ts'
import type { FundamentalMemory } from './memory.ts'

/**
 * The symbols whose fundamentals are requested now, oldest first: those of `due` that come within the budget of the day
 * before the bars of today. What was fetched today is no longer in the budget.
 */
export function fundamentalsOfToday(
  symbols: readonly string[],
  due: readonly string[],
  context: PlanContext,
): readonly string[] {
  const { settings } = context.job
  const today = newYorkDate(context.now)
  const callsPerFundamental = callsPerSymbol(settings)
  const dates = symbols.map((symbol) => ({
    symbol,
    barDate: barDateOf(symbol, context),
    fundamentalDate: fundamentalDateOf(symbol, context),
  }))
  const isBarShared = settings['BARS_PROVIDER'] === 'alphavantage'
  const session = sessionOfToday(context.now)
  const queue = dates.map(
    (each): QueuedSymbol => ({
      ...each,
      isBarDue: isBarShared && (each.barDate ?? '') < session,
      isFundamentalDue: due.includes(each.symbol),
    }),
  )
  const barsToday = isBarShared ? dates.filter(({ barDate }) => barDate === today).length : 0
  const fundamentalsToday = dates.filter(({ fundamentalDate }) => fundamentalDate === today).length
  const used = barsToday + fundamentalsToday * callsPerFundamental
  const calls = (settings['ALPHA_VANTAGE_DAILY_BUDGET'] as number) - used
  return fundamentalsWithinBudget(queue, { calls, callsPerFundamental })
}

/** The date of the newest bar that the indicators of a symbol are made of. */
function barDateOf(symbol: string, { inputItems }: PlanContext): string | null {
  const record = inputItems.get('technical')?.get(symbol)?.data as { readonly date?: string } | undefined
  return record?.date ?? null
}

function fundamentalDateOf(symbol: string, context: PlanContext): string | null {
  const memory = memoryOf<FundamentalMemory>(symbol, context)
  return memory ? newYorkDate(memory.fetchedAt) : null
}
