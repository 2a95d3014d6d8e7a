import * as z from 'zod/mini'
import { defined } from '#shared/domain/defined.ts'
import type { Call } from '#shared/engine/model/refresh.ts'
import { INTERVALS_PATH, readIntervals } from '#shared/systems/funding/binance-intervals.ts'
import type { Contract } from '#shared/systems/funding/contracts.ts'
import type { Venue } from '#shared/systems/funding/venues.ts'
import { intervalHours, orNull, orNullIfZero, rowList, symbol, word } from '#shared/upstreams/fields.ts'
import { nextCursor, type Page } from '#shared/upstreams/pages.ts'
import { type LostRow, readRows } from '#shared/upstreams/rows.ts'

/** What a venue's responses say about its contracts, before they are compared with the stored ones. */
export interface ListedContracts {
  /** All readable contracts of any type and status, in order. */
  readonly contracts: readonly Contract[]
  /** Rows that cannot be read. */
  readonly lost: readonly LostRow[]
  /** Why side lists are not believed. */
  readonly distrusted: readonly string[]
}

/** The requests for one venue's contracts, and the parser of its responses. Pure. */
export interface ContractSource {
  readonly calls: readonly Call[]
  /** The call for the next page; `undefined` after the last page. */
  readonly nextPage?: (bodies: readonly object[]) => Call | undefined
  /** The venue's words for contracts whose rates are not fetched. */
  readonly otherTypes: readonly string[]
  /** Its words for contracts that are not traded. */
  readonly otherStates: readonly string[]
  /**
   * @param bodies - of all calls, in order
   * @param stored - the stored contracts of the venue
   * @throws for a malformed body
   */
  readonly parse: (bodies: readonly object[], stored: readonly Contract[]) => ListedContracts
}

const exchangeInfo = z.object({ symbols: rowList() })

/** A contract that is traded has a type, and its name ends with its quote; that of a dated one with its date. */
const binanceRow = z
  .object({ symbol: symbol(), contractType: orNull(word()), status: word(), quoteAsset: word() })
  .check(
    z.refine(({ contractType, status }) => contractType !== null || status !== 'TRADING', {
      error: 'expected a type of a contract that is traded',
    }),
    z.refine((row) => row.symbol.replace(/_\d+$/, '').endsWith(row.quoteAsset), {
      error: 'expected a name that ends with the quote',
    }),
  )

/** Perpetual contracts on coins, and on stocks and metals. */
const isPerpetualType = (type: string | null) => type === 'PERPETUAL' || type === 'TRADIFI_PERPETUAL'

/**
 * Two calls; the second one lists only contracts whose conditions have been adjusted.
 *
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Exchange-Information
 */
const binance: ContractSource = {
  calls: [{ path: '/fapi/v1/exchangeInfo' }, { path: INTERVALS_PATH }],
  otherTypes: ['CURRENT_MONTH', 'NEXT_MONTH', 'CURRENT_QUARTER', 'NEXT_QUARTER', 'PERPETUAL_DELIVERING'],
  otherStates: [
    'PENDING_TRADING',
    'PRE_DELIVERING',
    'DELIVERING',
    'DELIVERED',
    'PRE_SETTLE',
    'SETTLING',
    'BREAK',
    'HALT',
    'CLOSE',
  ],

  parse: ([info, conditions], stored) => {
    const { rows, lost } = readRows(exchangeInfo.parse(info).symbols, binanceRow, (row) => row.symbol)
    const intervals = readIntervals(conditions, stored)
    const contracts = rows.map((row): Contract => {
      const interval = intervals.of(row.symbol)
      return {
        symbol: row.symbol,
        nativeSymbol: row.symbol,
        status: row.status,
        contractType: isPerpetualType(row.contractType) ? 'PERPETUAL' : row.contractType,
        quote: row.quoteAsset,
        intervalHours: interval.hours,
        isIntervalListed: interval.isListed,
      }
    })
    const dropped = intervals.dropped.map((name) => ({
      name,
      message: 'expected the interval of this contract, got none; the stored one is kept until the next list',
    }))
    return { contracts, lost: [...lost, ...intervals.lost, ...dropped], distrusted: intervals.distrusted }
  },
}

/** A page has 1,000 contracts; the venue has less than 1,000. */
const MAX_PAGES = 10

/** A dated contract has an interval of 0. The name of a perpetual one is that of its assets, or ends with `PERP`. */
const bybitRow = z
  .object({
    symbol: symbol(),
    contractType: word(),
    status: word(),
    baseCoin: word(),
    quoteCoin: word(),
    fundingInterval: orNullIfZero(intervalHours('number', 'minutes')),
  })
  .check(
    z.refine(
      (row) =>
        row.symbol === `${row.baseCoin}${row.quoteCoin}` ||
        row.symbol === `${row.baseCoin}PERP` ||
        row.contractType.endsWith('Futures'),
      { error: 'expected a name that is that of the assets' },
    ),
  )

const bybitPage = z.object({
  result: z.object({ list: rowList(), nextPageCursor: z.nullish(z.string()) }),
})

/**
 * Pages of 1,000 contracts, each with the cursor of the next page. The list ends with a page without a cursor or without
 * contracts, and with a cursor that repeats.
 *
 * @see https://bybit-exchange.github.io/docs/v5/market/instrument
 */
const bybit: ContractSource = {
  calls: [pageCall('')],
  otherTypes: ['LinearFutures', 'InversePerpetual', 'InverseFutures'],
  otherStates: ['PreLaunch', 'Delivering', 'Settling', 'Closed'],

  nextPage: (bodies) => {
    const cursor = nextCursor(bodies.map(bybitPageOf), MAX_PAGES)
    return cursor === undefined ? undefined : pageCall(cursor)
  },

  parse: (bodies) => {
    const list = bodies.flatMap((body) => bybitPage.parse(body).result.list)
    const { rows, lost } = readRows(list, bybitRow, (row) => row.symbol)
    return { contracts: rows.map(bybitContract), lost, distrusted: [] }
  },
}

/** A page as far as its list and its cursor can be read. */
function bybitPageOf(body: object): Page | undefined {
  const result = bybitPage.safeParse(body).data?.result
  return result && { rows: result.list.length, cursor: result.nextPageCursor }
}

function pageCall(cursor: string): Call {
  const query = { category: 'linear', limit: '1000', ...defined({ cursor: cursor || undefined }) }
  return { path: '/v5/market/instruments-info', query }
}

function bybitContract({ baseCoin, quoteCoin, fundingInterval, ...row }: z.infer<typeof bybitRow>): Contract {
  const isPerpetual = row.contractType === 'LinearPerpetual'
  return {
    symbol: isPerpetual ? `${baseCoin}${quoteCoin}` : row.symbol,
    nativeSymbol: row.symbol,
    status: row.status === 'Trading' ? 'TRADING' : row.status,
    contractType: isPerpetual ? 'PERPETUAL' : row.contractType,
    quote: quoteCoin,
    intervalHours: fundingInterval,
  }
}

const okxInstruments = z.object({ data: rowList() })

/** `BTC-USDT-SWAP` */
const SWAP = /^(.+)-([^-]+)-SWAP$/

const okxRow = z
  .object({ instId: symbol(), state: word(), ctType: word() })
  .check(z.refine(({ instId }) => SWAP.test(instId), { error: 'expected the name of a swap' }))

/**
 * One call. The interval is part of the rate's response.
 *
 * @see https://www.okx.com/docs-v5/en/#public-data-rest-api-get-instruments
 */
const okx: ContractSource = {
  calls: [{ path: '/api/v5/public/instruments', query: { instType: 'SWAP' } }],
  otherTypes: ['inverse'],
  otherStates: ['suspend', 'preopen', 'rebase', 'settling', 'expired', 'test'],

  parse: ([body]) => {
    const { rows, lost } = readRows(okxInstruments.parse(body).data, okxRow, (row) => row.instId, 'instId')
    const contracts = rows.map(({ instId, state, ctType }): Contract => {
      const [, base = '', quote = ''] = SWAP.exec(instId) ?? []
      const isPerpetual = ctType === 'linear'
      return {
        symbol: isPerpetual ? `${base}${quote}` : instId,
        nativeSymbol: instId,
        status: state === 'live' ? 'TRADING' : state,
        contractType: isPerpetual ? 'PERPETUAL' : ctType,
        quote,
        intervalHours: null,
      }
    })
    return { contracts, lost, distrusted: [] }
  },
}

/** The source of contracts of each venue. */
export const contractSources: Readonly<Record<Venue, ContractSource>> = { binance, bybit, okx }
