import { operatorViewsByJob } from '#functions/jobs/operator-views.ts'
import { job } from '#functions/jobs/position-scores/job.ts'
import { refresh } from '#functions/jobs/position-scores/refresh.ts'
import { views } from '#functions/jobs/position-scores/views.ts'
import { technicalRecord } from '#shared/analysis/portfolio/technical-record.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { compress } from '#shared/domain/codec.ts'
import type { Item } from '#shared/domain/records/publication.ts'
import { run } from '#shared/engine/run.ts'
import type { FundamentalData, TechnicalData } from '#shared/systems/portfolio/scored-symbol.ts'
import { alphaVantage } from '#shared/upstreams/alpha-vantage.ts'
import { withCallNames } from '#test/fakes/store/call-names.ts'
import { sampleItem } from '#test/fakes/store/samples.ts'
import { jsonOf, operator, reader } from '#test/fakes/world/clients.ts'
import { world } from '#test/fakes/world/world.ts'
import { dailySeries } from '#test/unit/shared/analysis/portfolio/daily-series.ts'

const KEY = { ALPHA_VANTAGE_KEY_PARAMETER: '/test/alpha-vantage-key' }
const HOUR = 3_600_000
const ASSESSMENT = '/api/v1/positions/assessment'

/** What `technical` stores after the documented 252 bars. */
export function technicalData(symbol: string, change: Partial<TechnicalData> = {}): TechnicalData {
  const record = technicalRecord(symbol, dailySeries(252))
  return {
    ...record,
    date: '2026-11-23',
    quote_currency: 'USD',
    split_date: null,
    rescaled_on: null,
    degraded_reasons: [],
    ...change,
  }
}

/** What `fundamental` stores of a company. */
export function fundamentalData(overallScore = 70.4213): FundamentalData {
  const company = { sector: 'Technology', industry: 'Software', beta: 1.2 }
  return { fundamental: { ...company, overall_score: overallScore }, degraded_reasons: [] }
}

/** The job over the fakes, with symbols of the configuration and no input stored. */
export function scoresWorld(start: number, symbols: string) {
  const settings = { ...KEY, PORTFOLIO_SYMBOLS: symbols }
  const base = world({
    job: resolveJob(job, settings),
    refresh,
    upstream: resolveUpstream(alphaVantage, KEY),
    start,
  })
  const { upstream: _, ...work } = base.work
  const { store, clock } = base
  const operators = operator(base, { operatorViews: operatorViewsByJob })
  let revision = 0
  const putItem = async (input: string, key: string, data: object, times: Partial<Item>) => {
    const now = clock.now()
    const limits = { freshUntil: now + HOUR, staleUntil: now + 24 * HOUR, expiresAt: now + 48 * HOUR }
    const body = new Uint8Array(compress(JSON.stringify(data)))
    const item = sampleItem({ key, body, fetchedAt: now, checkedAt: now, ...limits, ...times })
    await store.items.put(input, item, now)
  }
  return {
    ...base,
    /** The response to an operator. */
    assessment: (more: Parameters<typeof operators.get>[1] = {}) => operators.get(ASSESSMENT, more),
    /** The names of the calls of the table that one assessment makes. */
    callsOfAssessment: async () => {
      const calls: string[] = []
      await operator(base, { operatorViews: operatorViewsByJob, store: withCallNames(store, calls) }).get(
        ASSESSMENT,
      )
      return calls
    },
    putPositions: (positions: readonly object[]) => {
      const data = positions.map((position) => ({
        quantity: null,
        avg_cost: null,
        currency: null,
        ...position,
      }))
      revision += 1
      const record = { revision, change: `change-${revision}`, changedAt: clock.now(), data }
      return store.operatorRecords.replace('positions', record)
    },
    technical: (symbol: string, data = technicalData(symbol), times: Partial<Item> = {}) =>
      putItem('technical', symbol, data, { asOf: start - 24 * HOUR, ...times }),
    fundamental: (symbol: string, data: FundamentalData = fundamentalData(), times: Partial<Item> = {}) =>
      putItem('fundamental', symbol, data, { asOf: start - 12 * HOUR, ...times }),
    refreshAll: () => run({ cause: 'operator' }, work),
    refreshOne: (key: string) => run({ cause: 'cold-read', key }, work),
    read: async (path: string) => {
      const url = new URL(`http://test/api/v1/positions${path}`)
      const query = Object.fromEntries(url.searchParams)
      const { answer: ask } = reader(base, { views: { [job.id]: views } })
      const answer = await ask({ method: 'GET', path: url.pathname, headers: {}, query })
      return { status: answer.statusCode, headers: answer.headers, body: jsonOf(answer) }
    },
  }
}
