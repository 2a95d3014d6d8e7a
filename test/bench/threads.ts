import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { binanceSpot } from '#infra/local/simulated/binance-spot.ts'
import { priceBody } from '#test/fakes/jobs/prices.ts'

/* Real sockets in threads of their own: two upstreams and a table. */

/** What an upstream takes for each answer. */
export const LATENCY_MS = 50

/** One in so many calls of a failing upstream fails: the retry takes a slot like any call. */
const FAILS = 10

const BARS = 1_000

type Part = 'prices' | 'klines' | 'table'

const parts: Readonly<Record<Part, () => void>> = {
  prices: servePrices,
  klines: serveKlines,
  table: serveTable,
}
if (!isMainThread) parts[workerData as Part]()

/** Starts a thread that listens; its origin. */
export async function started(part: Part): Promise<{ worker: Worker; url: string }> {
  const worker = new Worker(import.meta.filename, { workerData: part })
  const url = await new Promise<string>((resolve, reject) =>
    worker.once('message', resolve).once('error', reject),
  )
  return { worker, url }
}

/** Answers each call after the latency, and tells when calls arrived since it was last asked. */
function servePrices(): void {
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

/** The same bars for every symbol, after the latency. */
function serveKlines(): void {
  const query = new URLSearchParams({ symbol: 'BTCUSDT', interval: '15m', limit: String(BARS) })
  const { body } = binanceSpot(1, Date.now(), '/api/v3/klines', query)
  const server = createServer((_request, response) => {
    setTimeout(() => response.end(body), LATENCY_MS)
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
