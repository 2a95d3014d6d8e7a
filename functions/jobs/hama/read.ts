import {
  type FilledOfMany,
  type Look,
  notYet,
  type ServableItem,
  type Shape,
  type Shaped,
} from '#functions/serving/shape.ts'
import type { JsonValue } from '#shared/engine/refresh.ts'
import { isoSeconds } from '#shared/http/envelopes.ts'
import { failure, nowAnswer, textAnswer } from './answers.ts'
import { freshMs, schedulerStatus } from './scheduler-status.ts'
import { isProblem, symbolFrom, symbolsFrom } from './symbols.ts'
import { task } from './task.ts'
import { type Universe, universeOf } from './universe.ts'

/** Symbols that one request may ask for. */
const MOST_SYMBOLS = 100

/** The analysis of one symbol, as it is stored; of one that is not stored yet, after a wait. */
const analyzeSymbol: Shape = async ({ body }, look) => {
  const said = (body ?? {}) as { symbol?: unknown; preset?: unknown }
  const symbol = symbolFrom(said.symbol)
  if (isProblem(symbol)) return failure(400, symbol.wrong)
  const { HAMA_PRESET: preset } = look.job.settings
  if (said.preset !== undefined && said.preset !== preset)
    return failure(400, `preset must be ${preset}, as configured`)
  const item = await look.item(symbol)
  if (item) return answerOf(item)
  if (!isKnown(symbol, await universeOf(look))) return failure(404, 'unknown symbol')
  const filled = await look.fill(symbol)
  switch (filled.status) {
    case 'filled':
      return answerOf(filled.item)
    case 'limited':
      return failure(429, 'too many symbols are asked for at once', Math.ceil(filled.retryAfterMs / 1_000))
    case 'empty':
      return failure(503, filled.why ?? 'analysis not available', 60)
    default:
      return filled satisfies never
  }
}

/** The analyses of many symbols: those that are stored at once, a few others after a wait, the rest later. */
const analyzeBatch: Shape = async ({ body, now }, look) => {
  const symbols = symbolsFrom((body as { symbols?: unknown } | null)?.symbols, MOST_SYMBOLS)
  if (isProblem(symbols)) return failure(400, symbols.wrong)
  const stored = await look.items(symbols)
  const missing = symbols.filter((symbol) => !stored.has(symbol))
  const others = await filledOf(missing, look)
  const results = symbols.map((symbol) => {
    const item = stored.get(symbol)
    return `${JSON.stringify(symbol)}:${item ? recordText(item) : JSON.stringify(others.get(symbol))}`
  })
  const outcomes = [...others.values()]
  const failed = outcomes.filter((one) => 'error' in one).length
  const pending = outcomes.filter((one) => 'status' in one).length
  const summary = {
    total: symbols.length,
    success: symbols.length - failed - pending,
    failed,
    cached: stored.size + outcomes.filter(({ cached }) => cached === true).length,
    pending,
  }
  return textAnswer(
    `{"results":{${results.join(',')}},"summary":${JSON.stringify(summary)}}`,
    now,
    isAnyCopy(stored),
  )
}

/** What is stored of the symbols that are analysed, and how old it is. */
const cacheStats: Shape = async ({ now }, look) => {
  const universe = await universeOf(look)
  if (!universe) return notYet(look.job)
  const { active } = universe
  const stored = await look.items(active)
  const { pause: told } = await look.state()
  const items = [...stored.values()].map(({ of }) => of)
  const fetched = items.map(({ fetchedAt }) => fetchedAt)
  const copies = [...stored.values()].filter(({ isCopy }) => isCopy).length
  return nowAnswer(
    {
      cache_type: copies > 0 ? 'memory' : 'dynamodb',
      cached_symbols: stored.size,
      cache_duration_minutes: freshMs(look.job, told) / 60_000,
      symbols: active.filter((symbol) => stored.has(symbol)),
      memory_cache_fallback: copies,
      stale_symbols: items.filter(({ freshUntil }) => freshUntil <= now).length,
      oldest_cache: fetched.length === 0 ? null : isoSeconds(Math.min(...fetched)),
      newest_cache: fetched.length === 0 ? null : isoSeconds(Math.max(...fetched)),
    },
    now,
    copies > 0,
  )
}

/** The stored answer; what is not as usual is said in it. */
function answerOf(item: ServableItem): Shaped {
  if (!item.waited && !item.isCopy) return { answer: 'stored', item }
  const body = JSON.parse(item.of.text()) as { data: object; meta: object }
  const data = { ...body.data, ...origin(item) }
  const meta = { ...body.meta, ...(item.isCopy ? { degraded: true } : {}) }
  return { answer: 'value', body: { ...body, data, meta } as JsonValue, from: item }
}

/** The record within a stored answer. */
function recordOf(item: ServableItem): { readonly [name: string]: JsonValue } {
  const { data } = JSON.parse(item.of.text()) as { data: { readonly [name: string]: JsonValue } }
  return { ...data, ...origin(item) }
}

/** Records as text: what is stored does not change, and a batch is put together from many. */
const recordTexts = new WeakMap<object, string>()

function recordText(item: ServableItem): string {
  if (item.isCopy) return JSON.stringify(recordOf(item))
  const known = recordTexts.get(item.of)
  if (known !== undefined) return known
  const text = JSON.stringify(recordOf(item))
  recordTexts.set(item.of, text)
  return text
}

/** Where an answer came from, when that was not the table. */
function origin({ waited, isCopy }: ServableItem) {
  if (waited) return { cached: false, cache_source: 'upstream' }
  return isCopy ? { cache_source: 'memory' } : {}
}

/** What becomes of symbols that are not stored, by symbol. */
async function filledOf(
  symbols: readonly string[],
  look: Look,
): Promise<ReadonlyMap<string, { readonly [name: string]: JsonValue }>> {
  if (symbols.length === 0) return new Map()
  const universe = await universeOf(look)
  const { known: toFill = [], unknown = [] } = Object.groupBy(symbols, (symbol) =>
    isKnown(symbol, universe) ? 'known' : 'unknown',
  )
  const filled = toFill.length === 0 ? undefined : await look.fillMany(toFill)
  return new Map([
    ...unknown.map((symbol) => [symbol, { error: 'unknown symbol' }] as const),
    ...toFill.map((symbol) => [symbol, outcomeOf(filled?.get(symbol))] as const),
  ])
}

function outcomeOf(filled: FilledOfMany | undefined): { readonly [name: string]: JsonValue } {
  switch (filled?.status) {
    case 'filled':
    case 'older':
      return recordOf(filled.item)
    case 'empty':
      return { error: 'analysis not available' }
    case 'limited':
    case undefined:
      return PENDING
    default:
      return filled satisfies never
  }
}

function isKnown(symbol: string, universe: Universe | undefined): boolean {
  return universe === undefined || universe.has(symbol)
}

const PENDING = { status: 'pending' }

function isAnyCopy(items: ReadonlyMap<string, ServableItem>): boolean {
  return [...items.values()].some(({ isCopy }) => isCopy)
}

/** The documented answers, by the name of the route's shape. */
export const hama = {
  analyzeSymbol,
  analyzeBatch,
  cacheStats,
  schedulerStatus,
  task,
} satisfies Readonly<Record<string, Shape>>
