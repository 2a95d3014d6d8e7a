import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { dynamoStore } from '#shared/adapters/dynamodb/store.ts'
import { httpClient } from '#shared/adapters/http-client/http-client.ts'
import { systemClock, systemRandom } from '#shared/adapters/system-clock.ts'
import { compress } from '#shared/domain/codec.ts'
import { mapConcurrently } from '#shared/domain/concurrency.ts'
import { run } from '#shared/engine/run.ts'
import { pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'
import { gate, median, note, shuffled } from './measure.ts'
import { LATENCY_MS, started } from './threads.ts'

/*
 * Wall time of a refresh behind an upstream of 50 ms with 20 connections, against the ideal: the larger of what
 * latency and what rate demand. Upstream and table are real sockets in threads of their own. Prints each ratio with
 * its gate, and the most calls that arrived in a window against what rate and burst allow.
 */

const CONNECTIONS = 20
const SLOWEST = 1.2
const ROUNDS = 9

/** Keys refreshed before anything is measured. */
const WARMING = 1_000

const WINDOWS_MS = [250, 1_000, 5_000, 60_000]

type Stored = 'items' | 'snapshot'

const VARIANTS: readonly { readonly stored: Stored; readonly keys: number }[] = [
  { stored: 'items', keys: 78 },
  { stored: 'items', keys: 1_000 },
  { stored: 'snapshot', keys: 78 },
  { stored: 'snapshot', keys: 1_000 },
]

interface Refresh {
  readonly stored: Stored
  readonly keys: number
  readonly perMinute: number
  readonly path: 'good' | 'failing'
}

await measure()

async function measure(): Promise<void> {
  const [upstream, table] = await Promise.all([started('prices'), started('table')])
  const client = new DynamoDBClient({
    endpoint: table.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  const once = (what: Refresh) => refreshed(what, upstream.url, client)

  for (const stored of ['items', 'snapshot'] as const)
    await once({ stored, keys: WARMING, perMinute: 1e7, path: 'good' })
  const variants = VARIANTS.map((variant) => ({
    ...variant,
    walls: [] as number[],
    floors: [] as number[],
  }))
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { stored, keys, walls, floors } of shuffled(variants)) {
      floors.push(await bare(keys, upstream.url, client))
      walls.push(await once({ stored, keys, perMinute: 1e7, path: 'good' }))
    }
  }
  for (const { stored, keys, walls, floors } of variants) {
    const ideal = Math.ceil(keys / CONNECTIONS) * LATENCY_MS
    const what = `${keys} keys as ${stored}, bound by latency, of the ideal ${ideal} ms`
    gate(what, median(walls) / ideal, SLOWEST)
    note('  the same calls and a write each, with nothing between them', median(floors) / ideal)
  }
  for (const [keys, perMinute] of [
    [78, 6_000],
    [1_000, 12_000],
  ] as const) {
    await arrivals(upstream.url)
    const wall = await once({ stored: 'items', keys, perMinute, path: 'failing' })
    const requests = await arrivals(upstream.url)
    const ideal = (requests.length / perMinute) * 60_000
    gate(
      `${keys} keys and ${requests.length - keys} retries, bound by ${perMinute} a minute, of the ideal ${ideal} ms`,
      wall / ideal,
      SLOWEST,
    )
    gate('  most calls in any window, of rate + burst', mostOfAllowed(requests, perMinute), 1)
  }
  await Promise.all([upstream.worker.terminate(), table.worker.terminate()])
}

/** One refresh of everything into an empty table; its wall time. */
async function refreshed(what: Refresh, origin: string, client: DynamoDBClient): Promise<number> {
  const { stored, keys, perMinute, path } = what
  const world = pricesWorld(stored, symbolNames(keys), systemClock.now(), {
    change: {
      run: {
        mode: 'plain',
        deadline: '5 minutes',
        attempts: 6,
        backoff: '0.1 seconds',
        concurrency: CONNECTIONS,
      },
    },
  })
  const { ports, upstream } = world.work
  const limits = { ...upstream.limits, perMinute, burst: CONNECTIONS, concurrency: CONNECTIONS }
  const unreadable = (record: string) => {
    throw new Error(`expected readable records, got ${record}`)
  }
  const work = {
    ...world.work,
    upstream: { ...upstream, limits, baseUrls: [new URL(`${origin}/${path}`)] },
    ports: {
      ...ports,
      clock: systemClock,
      random: systemRandom,
      http: httpClient({ trustedOrigins: [origin] }),
      store: dynamoStore(client, 'bench', systemClock, unreadable),
    },
  }
  const start = performance.now()
  const record = await run({ cause: 'operator' }, work)
  const wall = performance.now() - start
  if (record.status !== 'succeeded') throw new Error(`expected success, got ${JSON.stringify(record)}`)
  return wall
}

/** The same calls and writes with nothing between them: what this machine needs at least. */
async function bare(keys: number, origin: string, client: DynamoDBClient): Promise<number> {
  const http = httpClient({ trustedOrigins: [origin] })
  const start = performance.now()
  const written: Promise<unknown>[] = []
  await mapConcurrently(symbolNames(keys), CONNECTIONS, async (symbol) => {
    const url = new URL(`${origin}/good/price?symbol=${symbol}`)
    const { body } = await http({ url, headers: {}, timeoutMs: 5_000, maxBytes: 65_536 })
    const Item = { pk: { S: symbol }, sk: { S: 'value' }, body: { B: compress(body) } }
    written.push(client.send(new PutItemCommand({ TableName: 'bench', Item })))
  })
  await Promise.all(written)
  return performance.now() - start
}

async function arrivals(origin: string): Promise<readonly number[]> {
  const ask = { url: new URL(`${origin}/arrivals`), headers: {}, timeoutMs: 5_000, maxBytes: 1e6 }
  const { body } = await httpClient({ trustedOrigins: [origin] })(ask)
  return JSON.parse(body) as number[]
}

function mostOfAllowed(times: readonly number[], perMinute: number): number {
  const shares = WINDOWS_MS.flatMap((window) =>
    times.map((from) => {
      const inWindow = times.filter((at) => at >= from && at < from + window).length
      return inWindow / ((window / 60_000) * perMinute + CONNECTIONS)
    }),
  )
  return Math.max(...shares)
}
