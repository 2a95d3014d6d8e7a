import * as z from 'zod/mini'
import { quoteUnit } from '#shared/analysis/portfolio/quote-units.ts'
import type { Job } from '#shared/declare/job.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import { callsPerSymbol } from '#shared/systems/portfolio/fundamental-queue.ts'
import { activeSymbols, POSITION_SYMBOL, portfolioOf } from '#shared/systems/portfolio/positions.ts'
import { providerSymbol } from '#shared/systems/portfolio/provider-symbols.ts'
import type { OperationContext } from '../http/operation.ts'
import { bodyMember, parseOperationBody } from '../http/request.ts'
import { HttpError } from '../http/response.ts'
import type { OperatorDataFormat } from './operator-data-format.ts'

/** At most 18 digits before the point and 10 after it; no sign, no exponent. */
const DECIMAL = /^\d{1,18}(?:\.\d{1,10})?$/

const amount = (name: string) =>
  bodyMember<string | null>(
    (value) => value === null || (typeof value === 'string' && DECIMAL.test(value)),
    `${name} as a decimal text such as "12.5", or null`,
  )

const position = z.strictObject({
  symbol: bodyMember<string>(
    (value) => typeof value === 'string' && POSITION_SYMBOL.test(value),
    'a symbol of 1 to 15 capitals, digits, dots and hyphens',
  ),
  quantity: z.optional(amount('a quantity')),
  avg_cost: z.optional(amount('a cost')),
  currency: z.optional(
    bodyMember<string | null>(
      (value) => value === null || (typeof value === 'string' && quoteUnit(value) !== null),
      'a currency such as "USD" or its minor unit such as "GBp", or null',
    ),
  ),
})

const positionsBody = z.strictObject({
  positions: z.array(position, 'a list of positions'),
})

/** A thousand positions, each as long as it can be. */
const MAX_BODY_BYTES = 160 * 1_024

/** The positions of a portfolio: `{"positions":[{"symbol":"AAPL","quantity":"10","avg_cost":"150","currency":"USD"}]}`. */
export const positionsFormat: OperatorDataFormat = {
  requestsRun: false,

  parse: ({ request }, job) => {
    const { positions } = parseOperationBody(request, positionsBody, MAX_BODY_BYTES)
    expectCount(positions.length, job)
    expectDistinct(
      positions.map(({ symbol }) => symbol),
      job,
    )
    return positions.map(({ symbol, quantity = null, avg_cost = null, currency = null }) => ({
      symbol,
      quantity,
      avg_cost,
      currency,
    }))
  },

  show: (data, job, call) => {
    const portfolio = portfolioOf(operatorData(data), configuredSymbols(job))
    return {
      positions: portfolio.positions,
      source: data === undefined ? 'PORTFOLIO_SYMBOLS' : 'operator',
      budgets: budgetsOf(activeSymbols(portfolio).length, job, call),
    }
  },

  summarize: (data) => {
    const { positions } = portfolioOf(operatorData(data), [])
    return { source: data === undefined ? 'PORTFOLIO_SYMBOLS' : 'operator', symbols: positions.length }
  },
}

function operatorData(data: JsonValue | undefined) {
  return new Map(data === undefined ? [] : [['positions', { data, changedAt: 0 }]])
}

function configuredSymbols({ settings }: Job): readonly string[] {
  return (settings['PORTFOLIO_SYMBOLS'] ?? []) as readonly string[]
}

function expectCount(count: number, { settings }: Job): void {
  const max = settings['PORTFOLIO_MAX_SYMBOLS'] as number
  if (count <= max) return
  const message = `positions: expected at most ${max} (PORTFOLIO_MAX_SYMBOLS), got ${count}`
  throw new HttpError({ status: 400, message })
}

/** Symbols that a provider spells alike would be one of its symbols: `BRK.B` and `BRK-B`. */
function expectDistinct(symbols: readonly string[], { settings }: Job): void {
  for (const upstream of ['alpha-vantage', 'yahoo']) {
    const bySpelling = new Map<string, string>()
    for (const symbol of symbols) {
      // Alpha Vantage takes both spellings of a class of shares
      const spelling = providerSymbol(upstream, symbol, settings).replaceAll('.', '-')
      const other = bySpelling.get(spelling)
      if (other !== undefined) {
        const message =
          other === symbol
            ? `positions: expected each symbol once, got ${symbol} twice`
            : `positions: expected one spelling of a symbol, got ${other} and ${symbol}`
        throw new HttpError({ status: 422, message })
      }
      bySpelling.set(spelling, symbol)
    }
  }
}

/**
 * What the daily budgets of the providers mean for the age of the data: each job needs one call for each symbol and day,
 * or two with balance sheets.
 */
function budgetsOf(symbols: number, { operatorData: [name] }: Job, { system }: OperationContext) {
  const readers = system.jobs.filter(
    (job) => name !== undefined && job.operatorData.includes(name) && job.upstream !== undefined,
  )
  return [...Map.groupBy(readers, ({ upstream }) => upstream)].flatMap(([upstreamName = '', jobs]) => {
    const perDay = system.upstreams.get(upstreamName)?.limits.perDay
    if (perDay === undefined) return []
    const calls = symbols * jobs.reduce((sum, { settings }) => sum + callsPerSymbol(settings), 0)
    return [
      {
        upstream: upstreamName,
        calls_needed_per_day: calls,
        calls_allowed_per_day: perDay,
        days_for_all_symbols: Math.max(1, Math.ceil(calls / perDay)),
      },
    ]
  })
}
