import * as z from 'zod/mini'
import type { Call } from '#shared/engine/model/refresh.ts'
import { type Contract, roundInterval } from '#shared/systems/funding/contracts.ts'
import { optionalUnknown } from '#shared/upstreams/fields.ts'
import type { ContractSource } from './contract-source.ts'

const MINUTES_AN_HOUR = 60

/** Of a thousand contracts each: more would be a cursor that leads in a circle. */
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
 * Pages of a thousand, each naming the next one.
 *
 * @see https://bybit-exchange.github.io/docs/v5/market/instrument
 */
export const bybit: ContractSource = {
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
  const query = { category: 'linear', limit: '1000', ...(cursor === '' ? {} : { cursor }) }
  return { path: '/v5/market/instruments-info', query }
}

function contractOf({
  baseCoin,
  quoteCoin,
  fundingInterval: minutes,
  ...one
}: z.infer<typeof instrument>): Contract {
  const isPerpetual = one.contractType === 'LinearPerpetual'
  return {
    symbol: isPerpetual ? `${baseCoin}${quoteCoin}` : one.symbol,
    nativeSymbol: one.symbol,
    status: one.status === 'Trading' ? 'TRADING' : one.status,
    contractType: isPerpetual ? 'PERPETUAL' : one.contractType,
    quote: quoteCoin,
    intervalHours: typeof minutes === 'number' ? roundInterval(minutes / MINUTES_AN_HOUR) : null,
  }
}
