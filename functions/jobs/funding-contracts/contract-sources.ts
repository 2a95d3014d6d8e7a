import * as z from 'zod/mini'
import { defined } from '#shared/domain/defined.ts'
import type { Call } from '#shared/engine/model/refresh.ts'
import { type Contract, roundInterval } from '#shared/systems/funding/contracts.ts'
import type { Venue } from '#shared/systems/funding/venues.ts'
import { optionalUnknown } from '#shared/upstreams/fields.ts'

/** The requests for one venue's contracts, and the parser of its responses. Pure. */
export interface ContractSource {
  readonly calls: readonly Call[]
  /** The call for the next page; `undefined` after the last page. */
  readonly nextPage?: (bodies: readonly object[]) => Call | undefined
  /**
   * All contracts in the bodies of all calls, in order, before any selection.
   *
   * @throws for a malformed body, or one without a contract
   */
  readonly parse: (bodies: readonly object[]) => readonly Contract[]
}

/** The interval of a contract that `fundingInfo` does not list. */
const DEFAULT_INTERVAL_HOURS = 8

const exchangeInfo = z.object({
  symbols: z
    .array(
      z.object({
        symbol: z.string(),
        contractType: z.string(),
        status: z.string(),
        quoteAsset: z.string(),
      }),
    )
    .check(z.minLength(1)),
})

const fundingInfo = z.array(z.object({ symbol: z.string(), fundingIntervalHours: optionalUnknown() }))

/**
 * Two calls; the second one lists only contracts whose conditions have been adjusted.
 *
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Exchange-Information
 */
const binance: ContractSource = {
  calls: [{ path: '/fapi/v1/exchangeInfo' }, { path: '/fapi/v1/fundingInfo' }],

  parse: ([info, conditions]) => {
    const hours = new Map(
      fundingInfo
        .parse(conditions)
        .map(({ symbol, fundingIntervalHours }) => [
          symbol,
          typeof fundingIntervalHours === 'number' ? roundInterval(fundingIntervalHours) : null,
        ]),
    )
    return exchangeInfo.parse(info).symbols.map(({ symbol, contractType, status, quoteAsset }) => {
      const intervalHours = hours.get(symbol)
      return {
        symbol,
        nativeSymbol: symbol,
        status,
        contractType,
        quote: quoteAsset,
        intervalHours: intervalHours === undefined ? DEFAULT_INTERVAL_HOURS : intervalHours,
      }
    })
  },
}

const MINUTES_AN_HOUR = 60

/** A page has 1,000 contracts: more pages mean a cursor that repeats. */
const MAX_PAGES = 10

const instrument = z.object({
  symbol: z.string(),
  contractType: z.string(),
  status: z.string(),
  baseCoin: z.string(),
  quoteCoin: z.string(),
  fundingInterval: optionalUnknown(),
})

const instrumentsPage = z.object({
  result: z.object({
    list: z.array(instrument).check(z.minLength(1)),
    nextPageCursor: z.nullish(z.string()),
  }),
})

/**
 * Pages of 1,000 contracts, each with the cursor of the next page.
 *
 * @see https://bybit-exchange.github.io/docs/v5/market/instrument
 */
const bybit: ContractSource = {
  calls: [pageCall('')],

  nextPage: (bodies) => {
    const last = instrumentsPage.safeParse(bodies.at(-1))
    const cursor = last.data?.result.nextPageCursor
    return cursor && bodies.length < MAX_PAGES ? pageCall(cursor) : undefined
  },

  parse: (bodies) => {
    const pages = bodies.map((body) => instrumentsPage.parse(body).result)
    if (pages.at(-1)?.nextPageCursor) {
      throw new TypeError(
        `expected the last of ${pages.length} pages of contracts, got one that names a next`,
      )
    }
    return pages.flatMap(({ list }) => list.map(contractOf))
  },
}

function pageCall(cursor: string): Call {
  const query = { category: 'linear', limit: '1000', ...defined({ cursor: cursor || undefined }) }
  return { path: '/v5/market/instruments-info', query }
}

function contractOf({
  baseCoin,
  quoteCoin,
  fundingInterval: minutes,
  ...row
}: z.infer<typeof instrument>): Contract {
  const isPerpetual = row.contractType === 'LinearPerpetual'
  return {
    symbol: isPerpetual ? `${baseCoin}${quoteCoin}` : row.symbol,
    nativeSymbol: row.symbol,
    status: row.status === 'Trading' ? 'TRADING' : row.status,
    contractType: isPerpetual ? 'PERPETUAL' : row.contractType,
    quote: quoteCoin,
    intervalHours: typeof minutes === 'number' ? roundInterval(minutes / MINUTES_AN_HOUR) : null,
  }
}

const instruments = z.object({
  data: z
    .array(z.object({ instId: z.string(), state: z.string(), ctType: z.string() }))
    .check(z.minLength(1)),
})

/** `BTC-USDT-SWAP` */
const SWAP = /^(.+)-([^-]+)-SWAP$/

/**
 * One call. The interval is part of the rate's response.
 *
 * @see https://www.okx.com/docs-v5/en/#public-data-rest-api-get-instruments
 */
const okx: ContractSource = {
  calls: [{ path: '/api/v5/public/instruments', query: { instType: 'SWAP' } }],

  parse: ([body]) =>
    instruments.parse(body).data.map(({ instId, state, ctType }) => {
      const [, base = '', quote = ''] = SWAP.exec(instId) ?? []
      const isPerpetual = ctType === 'linear' && base !== ''
      return {
        symbol: isPerpetual ? `${base}${quote}` : instId,
        nativeSymbol: instId,
        status: state === 'live' ? 'TRADING' : state,
        contractType: isPerpetual ? 'PERPETUAL' : ctType,
        quote,
        intervalHours: null,
      }
    }),
}

/** The source of contracts of each venue. */
export const contractSources: Readonly<Record<Venue, ContractSource>> = { binance, bybit, okx }
