import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { coingecko } from '#shared/upstreams/coingecko.ts'

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
const ours = fixtures.filter(({ provider }) => provider === 'coingecko' || provider === 'generic')
const upstream = resolveUpstream(coingecko, {})

describe('CoinGecko’s answers', () => {
  it('are all there', () => {
    expect(ours.map(({ file }) => file)).toEqual(
      expect.arrayContaining([
        'coingecko/error-429.json',
        'generic/html-200.html',
        'generic/truncated-json-200.txt',
      ]),
    )
  })

  it.each(ours)('$file is $expect', ({ file, status, headers, expect: expected }) => {
    const text = readFileSync(join(folder, file), 'utf8')

    const classified = upstream.classify({ status, headers, text }, Date.UTC(2026, 10, 20))

    const got = classified.class === 'ok' ? 'ok' : classified.error.reason
    expect(got).toBe(expected.replaceAll('_', '-'))
  })
})
