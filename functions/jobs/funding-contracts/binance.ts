import * as z from 'zod/mini'
import { roundInterval } from '#shared/systems/funding/contracts.ts'
import { optionalUnknown } from '#shared/upstreams/fields.ts'
import type { ContractSource } from './contract-source.ts'

/** The interval of a contract whose conditions were never changed. */
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
 * Two calls; the second one lists only contracts whose conditions were changed.
 *
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Exchange-Information
 */
export const binance: ContractSource = {
  calls: [{ path: '/fapi/v1/exchangeInfo' }, { path: '/fapi/v1/fundingInfo' }],

  parse: ([info, conditions]) => {
    const hours = new Map(
      fundingInfo
        .parse(conditions)
        .map(({ symbol, fundingIntervalHours: told }) => [
          symbol,
          typeof told === 'number' ? roundInterval(told) : null,
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
