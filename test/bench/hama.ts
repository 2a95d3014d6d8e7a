import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { parseBars } from '#functions/jobs/hama/bars.ts'
import { refresh } from '#functions/jobs/hama/refresh.ts'
import { binanceSpot as recorded } from '#infra/local/simulated/binance-spot.ts'
import { dynamoStore } from '#shared/adapters/dynamodb/store.ts'
import { dynamoClient } from '#shared/adapters/dynamodb/table/table-reader.ts'
import { parseJson } from '#shared/domain/json.ts'
import { renderItem } from '#shared/engine/publish/render.ts'
import { hamaReader, hamaWorld, TICK } from '#test/fakes/jobs/hama.ts'
import { gate, median, note } from './measure.ts'

/*
 * What one symbol costs a processor from the body of the exchange to the finished answer, against reading the same body
 * strictly; and what a batch of 78 costs a reader's process against a single symbol. `node test/bench/hama.ts`
 */

/** Of each variant, interleaved. */
const ROUNDS_OF_EACH = 7

/** Processor time of a round. */
const ROUND_MS = 150

/** Longer than a copy in memory is served without a look at the table. */
const COPY_MS = 5_001

/** Long enough for every look at the table to be one that finds fresh data. */
const FRESH_MS = 10 * 86_400_000

const BR = { 'accept-encoding': 'br' }

const base = await hamaWorld()
await base.tick(TICK)
const symbols = await base.store.keys.list('hama')

const query = new URLSearchParams({ symbol: 'BTCUSDT', interval: '15m', limit: '1000' })
const text = recorded(1, TICK, '/api/v3/klines', query).body
const { work } = base
const record = await base.store.runs.list('hama', { from: 0, to: TICK }).then(([run]) => run)
if (!record) throw new Error('expected a run')
const context = {
  job: work.job,
  now: TICK,
  cause: 'tick',
  params: {},
  inputs: new Map(),
  operatorData: new Map(),
  storedItems: new Map(),
  absentItems: new Map(),
  inputItems: new Map(),
  key: 'BTCUSDT',
  upstream: 'binance-spot',
} as const
const state = {
  record,
  request: {},
  deadline: 0,
  hasRecord: true,
  fence: 1,
  attempts: 0,
  retries: 0,
} as never

function whole() {
  const classified = work.upstream.classify({ status: 200, headers: {}, body: text }, TICK)
  if (classified.kind !== 'ok') throw classified.error
  const value = refresh.parse([classified.body], context)
  const body = refresh.item?.(value, context)
  if (!body) throw new Error('expected an item')
  const origin = { upstream: 'binance-spot', dataSource: 'simulated', answeredAt: TICK } as const
  return renderItem('BTCUSDT', { body, ...origin }, state, work)
}

const thread = new Worker(new URL('./table-thread.ts', import.meta.url))
const [{ endpoint, name }] = (await once(thread, 'message')) as [{ endpoint: string; name: string }]
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
const client = dynamoClient(3, { endpoint, region: 'eu-central-1', credentials })
const clock = { ...base.clock, now: () => base.clock.now() + late }
let late = 0
const table = dynamoStore(client, name, clock, (what) => {
  throw new Error(`unreadable: ${what}`)
})

let fence = 0
async function stored() {
  fence += 1
  const written = await table.items.put('hama', { ...whole(), key: 'MEASURED', fence }, TICK)
  if (!written.written) throw new Error('expected every write to be newer')
}

const [json, exact, strict, response, kept] = await interleaved([
  () => JSON.parse(text),
  () => parseJson(text),
  () => parseBars(parseJson(text), TICK),
  whole,
  stored,
])
print('a symbol of', text.length, 'bytes')
print('  JSON.parse', ms(json), '  without losing a digit', ms(exact), '  strictly, to bars', ms(strict))
print('  to the finished answer', ms(response), '  and in the table', ms(kept))
gate('  parse, compute, render and store, of the strict parse', kept / strict, 3)
note('  the same without the table', response / strict)

const [oneBody, manyBody] = [JSON.stringify({ symbol: 'BTCUSDT' }), JSON.stringify({ symbols })]
for (const item of (await base.store.items.getMany('hama', symbols)).values()) {
  const times = { freshUntil: TICK + FRESH_MS, staleUntil: TICK + FRESH_MS, expiresAt: TICK + FRESH_MS }
  await table.items.put('hama', { ...item, ...times }, TICK)
}
const cold = hamaReader(base, { clock, store: { ...base.store, items: table.items } })
const fromTable = await compare('from the table, copies in memory past their time', cold.raw, () => {
  late += COPY_MS
})
gate('  of a single one, both with a look at the table', fromTable, 4)
const fromMemory = await compare('memory warm', hamaReader(base).raw, () => {})
note('  of a single one, nothing but memory', fromMemory)
const packed = await cold.raw('POST', '/analyze-batch', manyBody, BR)
const plain = await cold.raw('POST', '/analyze-batch', manyBody)
gate('  bytes on the wire, of raw JSON', (packed.body.length * 0.75) / plain.body.length, 0.3)
client.destroy()
await thread.terminate()

async function compare(what: string, raw: typeof cold.raw, before: () => void): Promise<number> {
  const asking = (path: string, body: string) => () => {
    before()
    return raw('POST', path, body, BR)
  }
  const batch = asking('/analyze-batch', manyBody)
  const answer = await batch()
  if (answer.statusCode !== 200) throw new Error(`expected 200, got ${answer.statusCode}`)
  const [one, many] = await interleaved([asking('/analyze-symbol', oneBody), batch])
  print(`a reader’s process, ${what}: one symbol`, ms(one), '  78 in a batch', ms(many))
  return many / one
}

/** The medians of rounds of each. */
async function interleaved<T extends readonly (() => unknown)[]>(
  works: readonly [...T],
): Promise<{ [index in keyof T]: number }> {
  const times = works.map((): number[] => [])
  for (let round = 0; round < ROUNDS_OF_EACH; round += 1)
    for (const [index, work] of works.entries()) times[index]?.push(await perRound(work))
  return times.map(median) as { [index in keyof T]: number }
}

/** Processor time of this thread for one repetition, in milliseconds. The system counts in steps of a few. */
async function perRound(work: () => unknown): Promise<number> {
  for (let warming = 0; warming < 20; warming += 1) await work()
  const before = process.threadCpuUsage()
  let [repetitions, spent] = [0, 0]
  while (spent < ROUND_MS) {
    for (let block = 0; block < 20; block += 1) await work()
    repetitions += 20
    const { user, system } = process.threadCpuUsage(before)
    spent = (user + system) / 1_000
  }
  return spent / repetitions
}

function ms(value: number): string {
  return `${value.toFixed(3)} ms`
}

function print(...words: readonly unknown[]): void {
  process.stdout.write(`${words.join(' ')}\n`)
}
