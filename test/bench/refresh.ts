import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { each } from '#shared/engine/each.ts'
import { run } from '#shared/engine/run.ts'
import { systemClock } from '#shared/ports/clock.ts'
import { compress } from '#shared/ports/codec.ts'
import { systemRandom } from '#shared/ports/random.ts'
import { dynamoStore } from '#shared/store/dynamo.ts'
import { httpClient } from '#shared/upstreams/http-client.ts'
import { priceBody, pricesWorld, symbolNames } from '../fakes/prices.ts'

/*
 * Wall time of a refresh behind an upstream of 50 ms with 20 connections, against the ideal: the larger of what
 * latency and what rate demand. Upstream and table are real sockets in threads of their own. Prints each ratio with
 * its gate, and the most calls that arrived in a window against what rate and burst allow.
 */

const LATENCY_MS = 50
const CONNECTIONS = 20
const SLOWEST = 1.2
const ROUNDS = 9

/** Keys refreshed before anything is measured. */
const WARMING = 1_000

/** One in so many calls fails: the retry takes a slot like any call. */
const FAILS = 10

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

if (isMainThread) await measure()
else if (workerData === 'upstream') serveUpstream()
else serveTable()

async function measure(): Promise<void> {
  const [upstream, table] = await Promise.all([started('upstream'), started('table')])
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
    const seen = await arrivals(upstream.url)
    const ideal = (seen.length / perMinute) * 60_000
    gate(
      `${keys} keys and ${seen.length - keys} retries, bound by ${perMinute} a minute, of the ideal ${ideal} ms`,
      wall / ideal,
      SLOWEST,
    )
    gate('  most calls in any window, of rate + burst', mostOfAllowed(seen, perMinute), 1)
  }
  await Promise.all([upstream.worker.terminate(), table.worker.terminate()])
}

/** One refresh of everything into an empty table; its wall time. */
async function refreshed(what: Refresh, origin: string, client: DynamoDBClient): Promise<number> {
  const { stored, keys, perMinute, path } = what
  const world = pricesWorld(stored, symbolNames(keys), systemClock.now(), {
    change: {
      run: {
        shape: 'plain',
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

/** Answers each call after the latency, and tells when calls arrived since it was last asked. */
function serveUpstream(): void {
  let times: number[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://upstream.test')
    if (url.pathname === '/arrivals') {
      response.end(JSON.stringify(times))
      times = []
      return
    }
    times.push(performance.now())
    const fails = url.pathname.startsWith('/failing') && times.length % FAILS === 0
    setTimeout(() => {
      response.writeHead(fails ? 503 : 200).end(JSON.stringify(priceBody(url, 1, Date.now())))
    }, LATENCY_MS)
  })
  serve(server)
}

/** An empty table that takes every write and keeps nothing: what it costs to talk to one, and no more. */
function serveTable(): void {
  const answers: Readonly<Record<string, object>> = {
    UpdateItem: { Attributes: { v: { N: '1' }, fence: { N: '1' } } },
    BatchGetItem: { Responses: {} },
  }
  const server = createServer((request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? ''
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' })
      response.end(JSON.stringify(answers[operation] ?? {}))
    })
  })
  serve(server)
}

function serve(server: Server): void {
  server.keepAliveTimeout = 60_000
  server.listen(0, '127.0.0.1', () => {
    parentPort?.postMessage(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  })
}

/** The same calls and writes with nothing between them: what this machine needs at least. */
async function bare(keys: number, origin: string, client: DynamoDBClient): Promise<number> {
  const http = httpClient({ trustedOrigins: [origin] })
  const start = performance.now()
  const written: Promise<unknown>[] = []
  await each(symbolNames(keys), CONNECTIONS, async (symbol) => {
    const url = new URL(`${origin}/good/price?symbol=${symbol}`)
    const { text } = await http({ url, headers: {}, timeoutMs: 5_000, maxBytes: 65_536 })
    const Item = { pk: { S: symbol }, sk: { S: 'value' }, body: { B: compress(text) } }
    written.push(client.send(new PutItemCommand({ TableName: 'bench', Item })))
  })
  await Promise.all(written)
  return performance.now() - start
}

async function started(part: 'upstream' | 'table'): Promise<{ worker: Worker; url: string }> {
  const worker = new Worker(import.meta.filename, { workerData: part })
  const url = await new Promise<string>((resolve, reject) =>
    worker.once('message', resolve).once('error', reject),
  )
  return { worker, url }
}

async function arrivals(origin: string): Promise<readonly number[]> {
  const ask = { url: new URL(`${origin}/arrivals`), headers: {}, timeoutMs: 5_000, maxBytes: 1e6 }
  const { text } = await httpClient({ trustedOrigins: [origin] })(ask)
  return JSON.parse(text) as number[]
}

function mostOfAllowed(times: readonly number[], perMinute: number): number {
  const shares = WINDOWS_MS.flatMap((window) =>
    times.map((from) => {
      const seen = times.filter((at) => at >= from && at < from + window).length
      return seen / ((window / 60_000) * perMinute + CONNECTIONS)
    }),
  )
  return Math.max(...shares)
}

function shuffled<T>(all: readonly T[]): T[] {
  return all
    .map((one) => ({ one, order: systemRandom() }))
    .sort((a, b) => a.order - b.order)
    .map(({ one }) => one)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function gate(what: string, value: number, most: number): void {
  const passed = value <= most
  if (!passed) process.exitCode = 1
  process.stdout.write(`${passed ? 'ok    ' : 'ABOVE '} ${value.toFixed(3)} (at most ${most})  ${what}\n`)
}

function note(what: string, value: number): void {
  process.stdout.write(`       ${value.toFixed(3)}  ${what}\n`)
}
