import * as z from 'zod/mini'
import { wholeInterval } from '#shared/funding/contract.ts'
import { anyMember } from '#shared/upstreams/fields.ts'
import type { ContractSource } from './contract-source.ts'

/** The interval of a contract whose conditions were never changed. */
const USUAL_HOURS = 8

const exchange = z.object({
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

const changed = z.array(z.object({ symbol: z.string(), fundingIntervalHours: anyMember() }))

/**
 * Two calls; the second one lists only contracts whose conditions were changed.
 *
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Exchange-Information
 */
export const binance: ContractSource = {
  calls: [{ path: '/fapi/v1/exchangeInfo' }, { path: '/fapi/v1/fundingInfo' }],

  parse: ([info, conditions]) => {
    const hours = new Map(
      changed
        .parse(conditions)
        .map(({ symbol, fundingIntervalHours: told }) => [
          symbol,
          typeof told === 'number' ? wholeInterval(told) : null,
        ]),
    )
    return exchange.parse(info).symbols.map(({ symbol, contractType, status, quoteAsset }) => {
      const intervalHours = hours.get(symbol)
      return {
        symbol,
        nativeSymbol: symbol,
        status,
        contractType,
        quote: quoteAsset,
        intervalHours: intervalHours === undefined ? USUAL_HOURS : intervalHours,
      }
    })
  },
}
