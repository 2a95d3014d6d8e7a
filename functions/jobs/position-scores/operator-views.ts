import { portfolioAssessment } from '#shared/analysis/portfolio/portfolio-assessment.ts'
import { positionScores } from '#shared/analysis/portfolio/position-scores.ts'
import type { Position } from '#shared/analysis/portfolio/position-value.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import type { ServableItem, View } from '#shared/read/view.ts'
import { activeSymbols, POSITIONS, type Portfolio, portfolioOf } from '#shared/systems/portfolio/positions.ts'
import type { ScoredSymbol } from '#shared/systems/portfolio/scored-symbol.ts'

/** The value, profit and scores of each position, and of the portfolio. Two reads of the table for up to 100 symbols. */
const assessment: View = async (_request, context) => {
  const { job } = context
  const stored = await context.operatorData(POSITIONS)
  const portfolio = portfolioOf(
    new Map(stored && [[POSITIONS, stored]]),
    job.settings['PORTFOLIO_SYMBOLS'] as readonly string[],
  )
  const symbols = activeSymbols(portfolio)
  const items = await context.items(symbols)
  const data = () => assess(portfolio, items)
  const members = {
    positions_changed_at: portfolio.changedAt === undefined ? null : isoSeconds(portfolio.changedAt),
    missing: symbols.filter((symbol) => !items.has(symbol)),
  }
  if (items.size === 0) {
    const meta = { as_of: null, fetched_at: null, degraded: symbols.length > 0, ...members }
    return { kind: 'now', status: 200, body: { data: data(), meta } }
  }
  return {
    kind: 'joined',
    from: [...items.values()],
    variant: `${portfolio.changedAt} ${symbols.join(' ')}`,
    text: (times) => {
      const { meta } = envelopeOf(job.envelope).wrap(null, times) as { readonly meta: object }
      return JSON.stringify({ data: data(), meta: { ...meta, ...members } })
    },
  }
}

function assess({ positions, changedAt = 0 }: Portfolio, items: ReadonlyMap<string, ServableItem>) {
  return portfolioAssessment(
    positions.map((position) => {
      const item = items.get(position.symbol)
      return item === undefined
        ? withoutRecord(position, changedAt)
        : withRecord(position, JSON.parse(item.representation.text()) as ScoredSymbol, changedAt)
    }),
  )
}

const NO_SCORES = positionScores({ technical: null, fundamental: null, hasRecentBar: false })

function withoutRecord(position: Position, updatedAt: number) {
  return {
    position,
    technical: null,
    scores: NO_SCORES,
    company: null,
    quoteCurrency: null,
    hasRecentBar: false,
    splitDate: null,
    updatedAt,
  }
}

function withRecord(position: Position, record: ScoredSymbol, updatedAt: number) {
  const { symbol: _, date, close, quote_currency: quoteCurrency, split_date: splitDate, ...others } = record
  const {
    trend_snapshot: trend,
    sector,
    industry,
    beta,
    inputs: _inputs,
    degraded_reasons,
    ...scores
  } = others
  const company = { sector, industry, beta }
  return {
    position,
    technical: trend && { date, close, ...trend },
    scores,
    company: Object.values(company).every((member) => member === null) ? null : company,
    quoteCurrency,
    hasRecentBar: !degraded_reasons.includes('no_recent_bar'),
    splitDate,
    updatedAt,
  }
}

/** The responses to operators, by the view name of the route. */
export const operatorViews = { assessment } satisfies Readonly<Record<string, View>>
