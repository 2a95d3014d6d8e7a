import * as z from 'zod/mini'
import { type ListedPair, universe } from '#shared/analysis/universe.ts'
import type { Job } from '#shared/declare/job.ts'
import { plainDecimal } from '#shared/domain/json.ts'
import type { Call, ParseContext, Refresh } from '#shared/engine/model/refresh.ts'
import { firstRejection, inRange, notShrunk } from '#shared/engine/validate/verdicts.ts'
import { wholeNumber } from '#shared/upstreams/fields.ts'

/** One pair; `quote_volume` of 24 hours in the quote asset, `rank` from 1 among the analysed pairs. */
type Pair = {
  readonly symbol: string
  readonly base_asset: string
  readonly quote_asset: string
  /** The exchange's status: `TRADING` while the pair can be traded. */
  readonly status: string
  readonly quote_volume: number | null
  readonly rank: number | null
}

/** All pairs of the exchange. */
interface Listing {
  /** The exchange's time; milliseconds since the epoch. */
  readonly at: number
  readonly pairs: readonly Pair[]
}

/** The settings that `job.ts` declares. */
type Settings = {
  readonly HAMA_UNIVERSE_SIZE: number
  readonly HAMA_INCLUDE: readonly string[]
  readonly HAMA_EXCLUDE: readonly string[]
}

const MAX_CLOCK_SKEW_S = 300

const exchangeInfo = z.object({
  serverTime: wholeNumber(),
  symbols: z.array(
    z.object({
      symbol: z.string().check(z.minLength(2), z.maxLength(40)),
      status: z.string(),
      baseAsset: z.string(),
      quoteAsset: z.string(),
    }),
  ),
})

const tickers = z.array(z.object({ symbol: z.string(), quoteVolume: z.string() }))

const TICKERS_CALL: Call = { path: '/api/v3/ticker/24hr' }
const EXCHANGE_INFO_CALL: Call = { path: '/api/v3/exchangeInfo' }
const SPOT_CALLS: readonly Call[] = [{ ...EXCHANGE_INFO_CALL, query: { permissions: 'SPOT' } }, TICKERS_CALL]

/** @see https://developers.binance.com/docs/binance-spot-api-docs/rest-api/general-endpoints */
export const refresh: Refresh<Listing> = {
  renderVersion: 2,

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

  parse: ([info, ticker], { job }) => {
    const { serverTime, symbols } = exchangeInfo.parse(info)
    const volumes = new Map(
      tickers.parse(ticker).map(({ symbol, quoteVolume }) => [symbol, parseVolume(quoteVolume)]),
    )
    const pairs = symbols.map((pair) => ({ ...pair, quoteVolume: volumes.get(pair.symbol) ?? null }))
    const ranks = ranksOf(pairs, settingsOf(job))
    return {
      at: serverTime,
      pairs: pairs.map(({ symbol, baseAsset, quoteAsset, status, quoteVolume }) => ({
        symbol,
        base_asset: baseAsset,
        quote_asset: quoteAsset,
        status,
        quote_volume: quoteVolume,
        rank: ranks.get(symbol) ?? null,
      })),
    }
  },

  accept: ({ at, pairs }, { now, stored }: ParseContext) =>
    firstRejection(
      inRange('a server time, seconds ago', Math.floor((now - at) / 1_000), {
        min: -MAX_CLOCK_SKEW_S,
        max: MAX_CLOCK_SKEW_S,
      }),
      notShrunk('symbols', 0.5, pairs, stored && [...stored.entries.keys()]),
    ),

  members: ({ at, pairs }) => ({
    bodies: pairs.map((pair) => ({
      key: pair.symbol,
      data: pair,
      asOf: at,
      degraded: pair.rank !== null && pair.quote_volume === null,
    })),
    missing: [],
  }),

  summarizeSet: ({ entries, job }) => {
    const ranked = [...entries.values()].map(({ data }) => data as Pair).filter(({ rank }) => rank !== null)
    return {
      head: {
        symbols: ranked.sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0)).map(({ symbol }) => symbol),
        unknown: settingsOf(job).HAMA_INCLUDE.filter((symbol) => !entries.has(symbol)),
      },
    }
  },

  logMessage: ({ pairs }) =>
    `Symbol universe refreshed: ${pairs.filter(({ rank }) => rank !== null).length} of ${pairs.length} are analysed`,
}

function settingsOf({ settings }: Pick<Job, 'settings'>): Settings {
  return settings as Settings
}

function parseVolume(text: string): number | null {
  const volume = plainDecimal(text)
  return volume === undefined || volume.startsWith('-') ? null : Number(volume)
}

/** Ranks of the analysed pairs. A pair of unknown volume comes last. */
function ranksOf(
  pairs: readonly (Omit<ListedPair, 'quoteVolume'> & { readonly quoteVolume: number | null })[],
  { HAMA_UNIVERSE_SIZE: size, HAMA_INCLUDE: include, HAMA_EXCLUDE: exclude }: Settings,
): ReadonlyMap<string, number> {
  const rankable = pairs.map((pair) => ({ ...pair, quoteVolume: pair.quoteVolume ?? 0 }))
  const { symbols } = universe(rankable, { size, include, exclude })
  return new Map(symbols.map(({ symbol }, index) => [symbol, index + 1]))
}
