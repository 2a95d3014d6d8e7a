import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { job as declaration } from '#functions/jobs/hama/job.ts'
import { refresh } from '#functions/jobs/hama/refresh.ts'
import { dynamoStore } from '#shared/adapters/dynamodb/store.ts'
import { dynamoClient } from '#shared/adapters/dynamodb/table/table-reader.ts'
import { httpClient } from '#shared/adapters/http-client/http-client.ts'
import { systemClock, systemRandom } from '#shared/adapters/system-clock.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { compress } from '#shared/domain/codec.ts'
import { mapConcurrently } from '#shared/domain/concurrency.ts'
import { run } from '#shared/engine/run.ts'
import { binanceSpot, binanceSpotApi } from '#shared/upstreams/binance.ts'
import { symbolNames } from '#test/fakes/jobs/prices.ts'
import { world } from '#test/fakes/world/world.ts'
import { gate, median, note, shuffled } from './measure.ts'
import { LATENCY_MS, started } from './threads.ts'

/*
 * Wall time of an analysis of 78 and of 1,000 symbols behind an upstream of 50 ms, with the connections that the job
 * declares, against the ideal of latency alone: bodies of 180 KB, the real parser, arithmetic and rendering, a table
 * that takes every write. In brackets: the same calls and writes with nothing between them.
 */

const ROUNDS = 7
const SLOWEST = 1.25
const WARMING = 300
const LONGEST_BODY = 1e6

const [upstream, table] = await Promise.all([started('klines'), started('table')])
const client = dynamoClient(3, {
  endpoint: table.url,
  region: 'eu-central-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
})
const job = resolveJob(declaration, {})
const { concurrency } = job.run

await analysed(WARMING)
const variants = [78, 1_000].map((symbols) => ({ symbols, walls: [] as number[], floors: [] as number[] }))
for (let round = 0; round < ROUNDS; round += 1) {
  for (const { symbols, walls, floors } of shuffled(variants)) {
    floors.push(await bare(symbols))
    walls.push(await analysed(symbols))
  }
}
for (const { symbols, walls, floors } of variants) {
  const ideal = (symbols / concurrency) * LATENCY_MS
  gate(
    `${symbols} symbols over ${concurrency} connections, of the ideal ${ideal} ms`,
    median(walls) / ideal,
    SLOWEST,
  )
  note('  the same calls and a write each, with nothing between them', median(floors) / ideal)
}
client.destroy()
await Promise.all([upstream.worker.terminate(), table.worker.terminate()])

/** One run over an empty table; its wall time. The rate is out of the way: it is what `refresh.ts` measures. */
async function analysed(symbols: number): Promise<number> {
  const spot = resolveUpstream(binanceSpot, {})
  const { work } = world({
    job,
    upstream: {
      ...spot,
      limits: { ...spot.limits, perMinute: 1e7 },
      baseUrls: [new URL(upstream.url)],
    },
    otherUpstreams: [resolveUpstream(binanceSpotApi, {})],
    refresh: {
      ...refresh,
      plan: (context) => refresh.plan({ ...context, items: symbolNames(symbols) }),
    },
    start: systemClock.now(),
  })
  const ports = {
    ...work.ports,
    clock: systemClock,
    random: systemRandom,
    http: httpClient({ trustedOrigins: [upstream.url] }),
    store: dynamoStore(client, 'bench', systemClock, (record) => {
      throw new Error(`expected readable records, got ${record}`)
    }),
  }
  const start = performance.now()
  const record = await run({ cause: 'operator' }, { ...work, ports })
  const wall = performance.now() - start
  if (record.status !== 'succeeded') throw new Error(`expected success, got ${JSON.stringify(record)}`)
  return wall
}

/** What this machine needs at least. */
async function bare(symbols: number): Promise<number> {
  const http = httpClient({ trustedOrigins: [upstream.url] })
  const start = performance.now()
  const written: Promise<unknown>[] = []
  await mapConcurrently(symbolNames(symbols), concurrency, async (symbol) => {
    const url = new URL(`${upstream.url}/api/v3/klines?symbol=${symbol}`)
    const { body } = await http({ url, headers: {}, timeoutMs: 5_000, maxBytes: LONGEST_BODY })
    const Item = { pk: { S: symbol }, sk: { S: 'value' }, body: { B: compress(body.slice(0, 1_400)) } }
    written.push(client.send(new PutItemCommand({ TableName: 'bench', Item })))
  })
  await Promise.all(written)
  return performance.now() - start
}
