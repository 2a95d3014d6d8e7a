import { job } from '#functions/jobs/technical/job.ts'
import { refresh } from '#functions/jobs/technical/refresh.ts'
import { viewsByJob } from '#functions/jobs/views.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { defined } from '#shared/domain/defined.ts'
import type { HttpRequest } from '#shared/domain/ports/http.ts'
import { alphaVantage } from '#shared/upstreams/alpha-vantage.ts'
import { jsonOf, operator, reader } from '#test/fakes/world/clients.ts'
import { type Reply, type WorldOptions, world } from '#test/fakes/world/world.ts'

const KEY = '/test/alpha-vantage-key'

/** One session, in the provider's words. */
export interface Row {
  readonly date: string
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

/** Calm sessions of the weekdays up to and including a date, oldest first: closes near a price. */
export function calmRows(last: string, count: number, price = 100): Row[] {
  const rows: Row[] = []
  for (let day = Date.parse(last); rows.length < count; day -= 86_400_000) {
    if ([0, 6].includes(new Date(day).getUTCDay())) continue
    const close = price * (1 + Math.sin(day / 86_400_000) / 100)
    const row = { open: close * 0.999, high: close * 1.01, low: close * 0.99, close, volume: 1_000 }
    rows.push({ date: new Date(day).toISOString().slice(0, 10), ...row })
  }
  return rows.reverse()
}

/** An answer of TIME_SERIES_DAILY. */
export function dailyBody(symbol: string, rows: readonly Row[]): object {
  const series = rows.map(({ date, open, high, low, close, volume }) => [
    date,
    {
      '1. open': String(open),
      '2. high': String(high),
      '3. low': String(low),
      '4. close': String(close),
      '5. volume': String(volume),
    },
  ])
  return {
    'Meta Data': { '2. Symbol': symbol, '5. Time Zone': 'US/Eastern' },
    'Time Series (Daily)': Object.fromEntries(series.reverse()),
  }
}

/** The symbol that a call asks for. */
export function symbolOf({ url }: HttpRequest): string {
  return url.searchParams.get('symbol') ?? ''
}

/**
 * The job over the fakes; `answers` are the provider's rows by symbol, and any other symbol is unknown.
 *
 * @param store - shared with another world; by default its own
 */
export function technicalWorld(
  start: number,
  symbols: string,
  answers: Record<string, readonly Row[]> = {},
  store?: WorldOptions<unknown>['store'],
  more: Readonly<Record<string, string>> = {},
) {
  const settings = { ALPHA_VANTAGE_KEY_PARAMETER: KEY, PORTFOLIO_SYMBOLS: symbols, ...more }
  const base = world({
    job: resolveJob(job, settings),
    refresh,
    upstream: resolveUpstream(alphaVantage, { ALPHA_VANTAGE_KEY_PARAMETER: KEY }),
    start,
    secrets: { [KEY]: 'invented-key' },
    ...defined({ store }),
  })
  const reply = (request: HttpRequest): Reply => {
    const rows = answers[symbolOf(request)]
    const body = rows ? dailyBody(symbolOf(request), rows) : { 'Error Message': 'Invalid API call.' }
    return { status: 200, body }
  }
  base.script(reply)
  return {
    ...base,
    answers,
    requested: () => base.calls.map(symbolOf),
    refreshAll: () => base.run({ cause: 'operator' }),
    record: async (symbol: string) => {
      const answer = await reader(base, { views: viewsByJob }).get(`/api/v1/positions/${symbol}/technical`)
      return { status: answer.statusCode, body: jsonOf(answer) }
    },
    operator: operator(base),
  }
}
