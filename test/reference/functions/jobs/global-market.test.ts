import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { job as declaration } from '#functions/jobs/global-market/job.ts'
import { refresh } from '#functions/jobs/global-market/refresh.ts'
import { schemas } from '#functions/jobs/global-market/schema.ts'
import { ReadCounts } from '#functions/reads/metrics.ts'
import { Reads } from '#functions/reads/reads.ts'
import { dynamoStore } from '#shared/adapters/dynamodb/store.ts'
import { httpClient } from '#shared/adapters/http-client/http-client.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { run } from '#shared/engine/run.ts'
import { coingecko } from '#shared/upstreams/coingecko.ts'
import { globalBody, globalMarketWorld } from '#test/fakes/jobs/global-market.ts'
import { type DynaliteTable, dynaliteTable } from '#test/fakes/table/dynalite-table.ts'

interface Answer {
  readonly status: number
  readonly contentType: string
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

const root = process.env['FRESHET_REFERENCE']
if (root === undefined) throw new Error('expected FRESHET_REFERENCE to name the folder of the reference data')
const folder = join(root, 'fixtures')
const index: (Omit<Answer, 'text'> & { file: string; provider: string; expect: string })[] = JSON.parse(
  readFileSync(join(folder, 'index.json'), 'utf8'),
)
const text = (file: string) => readFileSync(join(folder, file), 'utf8')

const CAPTURED = 'coingecko/global.real-2025-04-07.json'
const captured = JSON.parse(text(CAPTURED))
/** A minute after the captured body was made. */
const NOW = captured.data.updated_at * 1_000 + 60_000
const STALE_MS = 16 * 60_000
const PATH = '/api/v1/currencies/global-market-stats'

/** A success of another path: well formed, and not what was asked for. */
const OTHER_PATH = 'coingecko/key.openapi-example-pro.json'

describe('provider bodies over HTTP, through engine, table and reads', () => {
  let table: DynaliteTable
  let server: Server
  let answer: Answer
  let requests = 0

  beforeAll(async () => {
    table = await dynaliteTable()
    server = createServer((_, response) => {
      requests += 1
      response
        .writeHead(answer.status, { 'content-type': answer.contentType, ...answer.headers })
        .end(answer.text)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await table.close()
  })
  beforeEach(() => {
    requests = 0
  })

  async function system() {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v3`
    const settings = {
      FRESHET_UPSTREAM_COINGECKO_URL: url,
      GLOBAL_STATS_MAX_RETRIES: '2',
      GLOBAL_STATS_RETRY_BACKOFF: '1',
    }
    const { work, lines, clock } = globalMarketWorld(settings, { start: NOW })
    const store = dynamoStore(table.fullAccessClient, await table.create(), work.ports.clock, (what) => {
      throw new Error(`unreadable: ${what}`)
    })
    const upstream = resolveUpstream(coingecko, settings)
    const http = httpClient({ trustedOrigins: upstream.trustedOrigins })
    const ports = { ...work.ports, store, http }
    const job = resolveJob(declaration, settings)
    const reads = new Reads([job], '0.0.0', { ...ports, counts: new ReadCounts('test', ports.clock) })
    const tick = (at: number) => {
      clock.advance(at - clock.now())
      return run({ cause: 'tick', tick: at }, { job, refresh, upstream, ports })
    }
    return { tick, lines, store, read: () => reads.handle({ method: 'GET', path: PATH, headers: {} }) }
  }

  it('serve the captured body as documented, digit by digit', async () => {
    const { tick, read } = await system()
    answer = { status: 200, contentType: 'application/json', headers: {}, text: text(CAPTURED) }

    const ended = await tick(NOW)
    const response = await read()

    const { data } = captured
    expect(ended).toMatchObject({ status: 'succeeded', attempts: 1 })
    expect(response).toMatchObject({
      statusCode: 200,
      headers: { 'x-cache': 'HIT', 'x-data-source': 'live' },
    })
    const body = schemas[PATH].parse(JSON.parse(response.body))
    expect(body.data).toEqual({
      total_market_cap_usd: String(data.total_market_cap.usd),
      total_volume_24h_usd: String(data.total_volume.usd),
      btc_dominance_percentage: String(data.market_cap_percentage.btc),
      eth_dominance_percentage: String(data.market_cap_percentage.eth),
      active_cryptocurrencies: data.active_cryptocurrencies,
      markets: data.markets,
      updated_at: data.updated_at,
    })
    expect(body.meta.as_of).toBe(new Date(data.updated_at * 1_000).toISOString().replace('.000', ''))
  })

  const failures = index
    .filter(({ provider, file }) => (provider === 'coingecko' || provider === 'generic') && file !== CAPTURED)
    .map((fixture) => ({
      ...fixture,
      outcome: fixture.file === OTHER_PATH ? 'malformed' : fixture.expect.replaceAll('_', '-'),
    }))
  const ATTEMPTS: Readonly<Record<string, number>> = { 'upstream-fault': 2 }

  it.each(failures)('keep the last good value when $file comes: $outcome', async (fixture) => {
    const { tick, read, lines, store } = await system()
    answer = {
      status: 200,
      contentType: 'application/json',
      headers: {},
      text: JSON.stringify(globalBody({ updatedAt: NOW / 1_000 })),
    }
    await tick(NOW)
    const before = await read()
    requests = 0
    answer = { ...fixture, text: text(fixture.file) }

    const ended = await tick(NOW + STALE_MS)
    const after = await read()

    expect(ended).toMatchObject({ status: 'failed', reason: fixture.outcome })
    expect(requests).toBe(ATTEMPTS[fixture.outcome] ?? 1)
    expect(await store.runs.get('global-market', ended.id)).toMatchObject({
      status: 'failed',
      reason: fixture.outcome,
    })
    const written = lines.filter(({ level }) => level !== 'DEBUG')
    expect(written.at(-1)).toMatchObject({ level: 'ERROR', reason: fixture.outcome })
    expect(after.statusCode).toBe(200)
    expect(after.body).toBe(before.body)
    expect(after.headers['x-cache']).toBe('STALE')
    expect(Number(after.headers['age'])).toBeGreaterThanOrEqual(STALE_MS / 1_000)
    const quoted = /; the body begins: (.*)$/s.exec(ended.message ?? '')?.[1] ?? ''
    expect(quoted.length).toBeLessThanOrEqual(200)
    const rejected = await store.rejected.get('global-market', 'global')
    expect(rejected?.runId).toBe(fixture.outcome === 'malformed' ? ended.id : undefined)
  })

  it('cool the provider down for the time of its captured 429', async () => {
    const { tick, store } = await system()
    const limited = index.find(({ file }) => file === 'coingecko/error-429.json')
    if (!limited) throw new Error('expected the captured 429')
    answer = { ...limited, text: text(limited.file) }

    const first = await tick(NOW)
    const second = await tick(NOW + 10_000)

    expect(first).toMatchObject({ status: 'failed', reason: 'rate-limited' })
    expect((await store.upstreams.get('coingecko')).coolDown?.until).toBeGreaterThanOrEqual(NOW + 119_000)
    expect(second).toMatchObject({ status: 'skipped', reason: 'upstream-cooling' })
    expect(requests).toBe(1)
  })
})
