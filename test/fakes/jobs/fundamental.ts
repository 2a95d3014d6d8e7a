import { job } from '#functions/jobs/fundamental/job.ts'
import { refresh } from '#functions/jobs/fundamental/refresh.ts'
import { viewsByJob } from '#functions/jobs/views.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { defined } from '#shared/domain/defined.ts'
import type { HttpRequest } from '#shared/domain/ports/http.ts'
import { alphaVantage } from '#shared/upstreams/alpha-vantage.ts'
import { jsonOf, operator, reader } from '#test/fakes/world/clients.ts'
import { type Reply, world } from '#test/fakes/world/world.ts'
import { calmRows, symbolOf, technicalWorld } from './technical.ts'

const KEY = '/test/alpha-vantage-key'

/** An answer of OVERVIEW: the documented example of an ordinary company. */
export function overviewBody(symbol: string, change: object = {}): object {
  return {
    Symbol: symbol,
    AssetType: 'Common Stock',
    Currency: 'USD',
    Sector: 'TECHNOLOGY',
    Industry: 'SOFTWARE',
    LatestQuarter: '2026-09-30',
    PERatio: '20',
    ForwardPE: '19',
    PriceToBookRatio: '2',
    PEGRatio: '1.5',
    Beta: '1.1',
    ReturnOnEquityTTM: '0.18',
    ReturnOnAssetsTTM: '0.06',
    ProfitMargin: '0.12',
    QuarterlyRevenueGrowthYOY: '0.08',
    QuarterlyEarningsGrowthYOY: '0.2',
    ...change,
  }
}

/** An answer of BALANCE_SHEET: the documented example of an ordinary company. */
export function balanceSheetBody(symbol: string, change: object = {}): object {
  const report = {
    fiscalDateEnding: '2026-09-30',
    reportedCurrency: 'USD',
    totalCurrentAssets: '120',
    totalCurrentLiabilities: '100',
    shortLongTermDebtTotal: '154',
    totalShareholderEquity: '100',
    ...change,
  }
  return { symbol, annualReports: [], quarterlyReports: [report] }
}

/** What the provider answers to a message that replaces the data. */
export const quotaBody = {
  Information:
    'We have detected your API key as invented-key and our rate limit is 25 requests per day. See our premium plans.',
}

/** The function that a call names: `OVERVIEW` or `BALANCE_SHEET`. */
function functionOf({ url }: HttpRequest): string {
  return url.searchParams.get('function') ?? ''
}

/**
 * The job over the fakes. Every symbol is the documented company, until `answers` has another body for the symbol or for
 * the function and the symbol.
 */
export function fundamentalWorld(
  start: number,
  symbols: string,
  settings: Readonly<Record<string, string>> = {},
  answers: Record<string, object> = {},
  store?: Parameters<typeof world>[0]['store'],
) {
  const all = { ALPHA_VANTAGE_KEY_PARAMETER: KEY, PORTFOLIO_SYMBOLS: symbols, ...settings }
  const of = (declared: object) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => Object.hasOwn(declared, name)))
  const base = world({
    job: resolveJob(job, of(job.settings)),
    refresh,
    upstream: resolveUpstream(alphaVantage, of(alphaVantage.settings)),
    start,
    secrets: { [KEY]: 'invented-key' },
    ...defined({ store }),
  })
  const reply = (request: HttpRequest): Reply => {
    const [symbol, name] = [symbolOf(request), functionOf(request)]
    const usual = name === 'OVERVIEW' ? overviewBody(symbol) : balanceSheetBody(symbol)
    return { status: 200, body: answers[`${name} ${symbol}`] ?? answers[symbol] ?? usual }
  }
  base.script(reply)
  return {
    ...base,
    answers,
    reply,
    requested: () => base.calls.map(symbolOf),
    refreshAll: (params?: { readonly symbols: string[] | null; readonly force: boolean }) =>
      base.run({ cause: 'operator', ...(params ? { params } : {}) }),
    /** Stores or confirms the indicators of symbols, each with bars up to a date. */
    storeBars: async (last: string, symbolsWithBars: readonly string[] = symbols.split(',')) => {
      const rows = Object.fromEntries(symbolsWithBars.map((symbol) => [symbol, calmRows(last, 100)]))
      const bars = technicalWorld(base.clock.now(), symbolsWithBars.join(','), rows, base.store)
      const { status } = await bars.refreshAll()
      if (!['succeeded', 'unchanged'].includes(status))
        throw new Error(`expected the bars to be stored, got ${status}`)
      base.clock.advance(bars.clock.now() - base.clock.now())
    },
    record: async (symbol: string, query: Readonly<Record<string, string>> = {}) => {
      const path = `/api/v1/positions/${symbol}/fundamental`
      const reads = reader(base, { views: viewsByJob })
      const answer = await reads.answer({ method: 'GET', path, headers: {}, query })
      return { status: answer.statusCode, body: jsonOf(answer) }
    },
    operator: operator(base),
  }
}
