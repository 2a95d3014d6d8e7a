import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { candlesOf } from '#functions/jobs/hama/klines.ts'
import { refresh } from '#functions/jobs/hama/refresh.ts'
import { binanceSpot as recorded } from '#infra/local/recorded/binance-spot.ts'
import { renderItem } from '#shared/engine/render.ts'
import { dynamoStore } from '#shared/store/dynamo.ts'
import { dynamoClient } from '#shared/store/dynamo-client.ts'
import { parseJson } from '#shared/upstreams/json.ts'
import { hamaReader, hamaWorld, TICK } from '#test/fakes/hama.ts'

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
  params: {},
  inputs: new Map(),
  key: 'BTCUSDT',
  upstream: 'binance-spot',
}
const state = { record, request: {}, deadline: 0, opened: true, fence: 1, attempts: 0, retries: 0 } as never

function whole() {
  const classified = work.upstream.classify({ status: 200, headers: {}, text }, TICK)
  if (classified.class !== 'ok') throw classified.error
  const value = refresh.parse([classified.body], context)
  const body = refresh.item?.(value, context)
  if (!body) throw new Error('expected an item')
  return renderItem('BTCUSDT', { body, upstream: 'binance-spot', dataSource: 'recorded' }, state, work)
}

const json = await perRound(() => JSON.parse(text))
const exact = await perRound(() => parseJson(text))
const strict = await perRound(() => candlesOf(parseJson(text)))
const all = await perRound(whole)
say('a symbol of', text.length, 'bytes')
say('  JSON.parse', ms(json), '  without losing a digit', ms(exact), '  strictly, to bars', ms(strict))
say('  to the finished answer', ms(all), ' =', (all / strict).toFixed(1), 'times the strict parse')

const [oneBody, manyBody] = [JSON.stringify({ symbol: 'BTCUSDT' }), JSON.stringify({ symbols })]
const warm = hamaReader(base)
await compare('memory warm', warm.raw, () => {})

const thread = new Worker(new URL('./table-thread.ts', import.meta.url))
const [{ endpoint, name }] = (await once(thread, 'message')) as [{ endpoint: string; name: string }]
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
const client = dynamoClient(3, { endpoint, region: 'eu-central-1', credentials })
const clock = { ...base.clock, now: () => base.clock.now() + late }
let late = 0
const table = dynamoStore(client, name, clock, (what) => {
  throw new Error(`unreadable: ${what}`)
})
for (const item of (await base.store.items.getMany('hama', symbols)).values())
  await table.items.put(
    'hama',
    { ...item, freshUntil: TICK + FRESH_MS, staleUntil: TICK + FRESH_MS, expiresAt: TICK + FRESH_MS },
    TICK,
  )
const cold = hamaReader(base, { clock, store: { ...base.store, items: table.items } })
await compare('from the table, copies in memory past their time', cold.raw, () => {
  late += COPY_MS
})
client.destroy()
await thread.terminate()

async function compare(what: string, raw: typeof warm.raw, before: () => void): Promise<void> {
  const single = () => {
    before()
    return raw('POST', '/analyze-symbol', oneBody, BR)
  }
  const batch = () => {
    before()
    return raw('POST', '/analyze-batch', manyBody, BR)
  }
  const answer = await batch()
  if (answer.statusCode !== 200) throw new Error(`expected 200, got ${answer.statusCode}`)
  say(`a reader’s process, ${what}`)
  const times = { single: [] as number[], batch: [] as number[] }
  for (let round = 0; round < ROUNDS_OF_EACH; round += 1) {
    times.single.push(await perRound(single))
    times.batch.push(await perRound(batch))
  }
  const [one, many] = [median(times.single), median(times.batch)]
  say('  one symbol', ms(one), '  78 in a batch', ms(many), ' =', (many / one).toFixed(1), 'times')
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

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN
}

function ms(value: number): string {
  return `${value.toFixed(3)} ms`
}

function say(...words: readonly unknown[]): void {
  process.stdout.write(`${words.join(' ')}\n`)
}
