import { analysedSymbols } from '#shared/analysis/universe.ts'
import type { Job } from '#shared/declare/job.ts'
import type { Call, Refresh } from '#shared/engine/model/refresh.ts'
import { expectNoFault, firstRejection, inRange } from '#shared/engine/validate/verdicts.ts'
import { type ListExpectation, listFault } from '#shared/upstreams/lists.ts'
import { isWithoutPrice, type PairList, readPairs, storedPair } from './pairs.ts'

/** The head of the stored set. */
export type UniverseHead = {
  /** The analysed pairs, the most traded first. */
  readonly symbols: readonly string[]
  /** Included symbols that the exchange does not list. */
  readonly unknown: readonly string[]
}

/** All pairs of the exchange, and which of them are analysed. */
interface Listing extends PairList {
  /** The analysed pairs, the most traded first. */
  readonly analysed: readonly string[]
}

/** The settings that `job.ts` declares. */
type Settings = {
  readonly HAMA_UNIVERSE_SIZE: number
  readonly HAMA_INCLUDE: readonly string[]
  readonly HAMA_EXCLUDE: readonly string[]
}

const PAIRS: ListExpectation = { name: 'pairs', mayBeEmpty: false, maxShrink: 0.5, minCoverage: 0 }

/** Without the volumes of half of the tradable pairs, their order says nothing. */
const TICKERS: ListExpectation = { name: 'tickers', mayBeEmpty: false, maxShrink: 1, minCoverage: 0.5 }

const TICKERS_CALL: Call = { path: '/api/v3/ticker/24hr' }
const EXCHANGE_INFO_CALL: Call = { path: '/api/v3/exchangeInfo' }
const SPOT_CALLS: readonly Call[] = [{ ...EXCHANGE_INFO_CALL, query: { permissions: 'SPOT' } }, TICKERS_CALL]

/** @see https://developers.binance.com/docs/binance-spot-api-docs/rest-api/general-endpoints */
export const refresh: Refresh<Listing> = {
  renderVersion: 3,

  // the last fallback omits the parameter, which an address may not support
  plan: () => [
    {
      key: 'spot',
      calls: SPOT_CALLS,
      fallbacks: [
        { upstream: 'binance-spot-api', calls: SPOT_CALLS },
        { upstream: 'binance-spot', calls: [EXCHANGE_INFO_CALL, TICKERS_CALL] },
      ],
    },
  ],

  parse: ([info, ticker], { job, now, stored }) => {
    const list = readPairs(info, ticker, stored, now)
    const kept = list.missing.flatMap(({ key }) => storedPair(stored, key) ?? [])
    return { ...list, analysed: analysedSymbols([...list.pairs, ...kept], selectionOf(job)) }
  },

  accept: ({ pairs, analysed, tradable, withTicker }, { stored }) =>
    firstRejection(
      expectNoFault(listFault(PAIRS, { rows: pairs.length, storedRows: stored?.entries.size })),
      expectNoFault(listFault(TICKERS, { rows: withTicker, covered: withTicker, toCover: tradable })),
      inRange('a number of pairs to analyse', analysed.length, { min: 1, max: Number.MAX_SAFE_INTEGER }),
    ),

  review: ({ lost }) => ({ lost, distrusted: [] }),

  members: ({ at, pairs, analysed, missing }) => {
    const isAnalysed = new Set(analysed)
    return {
      bodies: pairs.map((pair) => ({
        key: pair.symbol,
        data: pair,
        asOf: at,
        degraded: pair.quote_volume === null ? isAnalysed.has(pair.symbol) : isWithoutPrice(pair),
      })),
      missing,
    }
  },

  summarizeSet: ({ entries, job, values, previous }) => {
    const [listing] = values
    const { symbols: analysedBefore = [] } = (previous?.head ?? {}) as Partial<UniverseHead>
    const head: UniverseHead = {
      symbols: listing?.analysed ?? analysedBefore,
      unknown: settingsOf(job).HAMA_INCLUDE.filter((name) => !entries.has(name)),
    }
    return { head }
  },

  logMessages: {
    success: ({ pairs, analysed }) =>
      `Symbol universe refreshed: ${analysed.length} of ${pairs.length} are analysed`,
  },
}

function selectionOf(job: Pick<Job, 'settings'>) {
  const { HAMA_UNIVERSE_SIZE: size, HAMA_INCLUDE: include, HAMA_EXCLUDE: exclude } = settingsOf(job)
  return { size, include, exclude }
}

function settingsOf({ settings }: Pick<Job, 'settings'>): Settings {
  return settings as Settings
}
