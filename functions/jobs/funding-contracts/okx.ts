import * as z from 'zod/mini'
import type { ContractSource } from './contract-source.ts'

const instruments = z.object({
  data: z
    .array(z.object({ instId: z.string(), state: z.string(), ctType: z.string() }))
    .check(z.minLength(1)),
})

/** `BTC-USDT-SWAP` */
const SWAP = /^(.+)-([^-]+)-SWAP$/

/**
 * One call. The interval comes with the rate.
 *
 * @see https://www.okx.com/docs-v5/en/#public-data-rest-api-get-instruments
 */
export const okx: ContractSource = {
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
