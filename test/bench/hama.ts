import { candlesOf } from '#functions/jobs/hama/klines.ts'
import { refresh } from '#functions/jobs/hama/refresh.ts'
import { binanceSpot as recorded } from '#infra/local/recorded/binance-spot.ts'
import { renderItem } from '#shared/engine/render.ts'
import { parseJson } from '#shared/upstreams/json.ts'
import { hamaReader, hamaWorld, TICK } from '#test/fakes/hama.ts'

/*
 * What one symbol costs a processor from the body of the exchange to the finished answer, against reading the same body
 * strictly; and what a batch of 78 costs a reader's process against a single symbol. `node test/bench/hama.ts`
 */

const ROUNDS = 200

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

const { raw } = hamaReader(base)
const [oneBody, manyBody] = [JSON.stringify({ symbol: 'BTCUSDT' }), JSON.stringify({ symbols })]
const single = () => raw('POST', '/analyze-symbol', oneBody)
const batch = () => raw('POST', '/analyze-batch', manyBody)
say('a reader’s process, memory warm')
const [one, many] = [await perRound(single), await perRound(batch)]
say('  one symbol', ms(one), '  78 in a batch', ms(many), ' =', (many / one).toFixed(1), 'times')
async function perRound(work: () => unknown): Promise<number> {
  for (let round = 0; round < ROUNDS / 4; round += 1) await work()
  const before = process.cpuUsage()
  for (let round = 0; round < ROUNDS; round += 1) await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000 / ROUNDS
}

function ms(value: number): string {
  return `${value.toFixed(3)} ms`
}

function say(...words: readonly unknown[]): void {
  process.stdout.write(`${words.join(' ')}\n`)
}
