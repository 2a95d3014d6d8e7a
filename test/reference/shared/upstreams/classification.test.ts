import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { upstreams } from '#shared/upstreams/index.ts'

interface Fixture {
  readonly file: string
  readonly provider: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly expect: string
}

const root = process.env['FRESHET_REFERENCE']
if (root === undefined) throw new Error('expected FRESHET_REFERENCE to name the folder of the reference data')
const folder = join(root, 'fixtures')
const fixtures: Fixture[] = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'))

/** Where the reference data call a provider otherwise than we do. */
const FILED_UNDER: Readonly<Record<string, string>> = {
  'binance-futures': 'binance',
  'binance-spot': 'binance',
  'binance-spot-api': 'binance',
  'alpha-vantage': 'alphavantage',
  'news-api': 'newsapi',
  'check-ins': 'zsxq',
}

/** Files of another interface of the same provider, and of endpoints that the project does not call. */
const FOREIGN: Readonly<Record<string, RegExp>> = {
  'binance-futures': /^binance\/api-/,
  'binance-spot': /^binance\/fapi-/,
  'binance-spot-api': /^binance\/fapi-/,
  'alpha-vantage': /^alphavantage\/(?:global-quote|income-statement|time-series-intraday)\./,
  yahoo: /^yahoo\/v10-/,
}

/**
 * Classes that only the address or the reader decides: a list is one thing of Binance's, whose reader refuses an empty one; an
 * answer without articles is one, which its reader recognises.
 */
const DECIDED_LATER: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'binance-futures generic/json-array-where-object-expected-200.json',
    'binance-spot generic/json-array-where-object-expected-200.json',
    'binance-spot-api generic/json-array-where-object-expected-200.json',
    'gdelt gdelt/doc-artlist.empty.json',
    'news-api newsapi/everything.empty.json',
  ].map((answer) => [answer, 'ok']),
)

/** Providers of whose limits the reference data have no answer, with another failure that they have. */
const WITHOUT_LIMIT: Readonly<Record<string, string>> = {
  fred: 'auth',
  'news-api': 'quota_exhausted',
  'check-ins': 'refused',
}

/** A provider that operators choose themselves: the reference data have no answer of one. */
const CHOSEN_BY_OPERATORS = ['ai-summaries']

describe.each(upstreams)('the answers of $name', (declared) => {
  const upstream = resolveUpstream(declared, {})
  const ours = fixtures.filter(({ provider }) => provider === (FILED_UNDER[declared.name] ?? declared.name))
  const generic = fixtures.filter(({ provider }) => provider === 'generic')

  it('are all there', () => {
    const needed = CHOSEN_BY_OPERATORS.includes(declared.name)
      ? []
      : ['ok', WITHOUT_LIMIT[declared.name] ?? 'rate_limited']
    expect(ours.map(({ expect: expected }) => expected)).toEqual(expect.arrayContaining(needed))
    expect(generic.length).toBeGreaterThan(4)
  })

  for (const { file, status, headers, expect: expected } of [...ours, ...generic]) {
    it.skipIf(FOREIGN[declared.name]?.test(file))(`${file} is ${expected}`, () => {
      const body = readFileSync(join(folder, file), 'utf8')

      const classified = upstream.classify({ status, headers, body }, Date.UTC(2026, 10, 20))

      const got = classified.kind === 'ok' ? 'ok' : classified.error.reason
      expect(got).toBe(DECIDED_LATER[`${declared.name} ${file}`] ?? expected.replaceAll('_', '-'))
    })
  }
})
