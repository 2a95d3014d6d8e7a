import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseJson } from '#shared/domain/json.ts'
import { parseAlphaVantageBars } from '#shared/upstreams/stocks/alpha-vantage-bars.ts'
import { parseAlphaVantageOverview } from '#shared/upstreams/stocks/alpha-vantage-overview.ts'
import { parseYahooChart } from '#shared/upstreams/stocks/yahoo-chart.ts'

const NOW = Date.UTC(2026, 10, 20)
const root = process.env['FRESHET_REFERENCE']
if (root === undefined) throw new Error('expected FRESHET_REFERENCE to name the folder of the reference data')
const folder = join(root, 'fixtures')

function filesOf(provider: string, pattern: RegExp) {
  return readdirSync(join(folder, provider)).filter((file) => pattern.test(file))
}

const read = (provider: string, file: string) =>
  parseJson(readFileSync(join(folder, provider, file), 'utf8')) as Record<string, never>

describe('bodies of Alpha Vantage', () => {
  it.each(filesOf('alphavantage', /^time-series-daily\./))('%s parses without a lost bar', (file) => {
    const body = read('alphavantage', file)
    const symbol = String(body['Meta Data']?.['2. Symbol'])

    const { bars, lost, zone } = parseAlphaVantageBars(body, { symbol, now: NOW })

    expect([bars.length, lost, zone]).toEqual([
      Object.keys(body['Time Series (Daily)'] ?? {}).length,
      [],
      'US/Eastern',
    ])
  })

  it.each(filesOf('alphavantage', /^overview\./))('%s parses without a lost member', (file) => {
    const body = read('alphavantage', file)
    const fraction = Number(body['ProfitMargin'])

    const overview = parseAlphaVantageOverview(body, {
      symbol: String(body['Symbol']),
      now: Date.parse(String(body['LatestQuarter'])),
    })

    expect(overview).toMatchObject({ kind: 'company', peRatio: body['PERatio'], lost: [] })
    expect(overview.kind === 'company' && Number(overview.profitMarginPercent)).toBeCloseTo(
      100 * fraction,
      10,
    )
  })
})

describe('bodies of Yahoo', () => {
  it.each(filesOf('yahoo', /^v8-.*(?<!headers)\.json$/))('%s parses without a lost bar', (file) => {
    const body = read('yahoo', file)
    const [result] = (body['chart']?.['result'] ?? []) as { meta: { symbol: string }; timestamp: number[] }[]

    const { bars, lost, undelivered, quoteCurrency, session } = parseYahooChart(body, {
      symbol: result?.meta.symbol ?? '',
      now: NOW,
    })

    expect([bars.length, lost, undelivered]).toEqual([result?.timestamp.length, [], []])
    expect(quoteCurrency).toMatch(/^(?:USD|EUR)$/)
    expect(session?.endAt).toBeGreaterThan(session?.startAt ?? Number.POSITIVE_INFINITY)
  })
})
