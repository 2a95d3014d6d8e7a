import * as z from 'zod'
import { schemas } from '#functions/jobs/funding-rates/schema.ts'
import { type Meta, type ReadSpec, schemaOf, type TtlSettings } from './read-spec.ts'
import { wrongRate } from './simulated-values.ts'

const RATES = '/funding_monitor'
const HOUR_S = 3_600

const statusErrorSchema = z.strictObject({
  status: z.literal('error'),
  message: z.literal('Funding rates are not available'),
  timestamp: z.iso.datetime(),
})

type Contract = Parameters<typeof wrongRate>[0]
interface Rates {
  readonly contracts: Readonly<Record<string, Contract>> | readonly Contract[]
  readonly meta: Meta
}

/** The reads of funding rates: of the stored set, and of how its refreshes end. */
export function fundingReadSpecs({ CACHE_DURATION }: TtlSettings): readonly ReadSpec[] {
  const common = { job: 'funding-rates', errorSchema: statusErrorSchema, retryAfter: /^60$/ }
  const ofSet = (
    path: string,
    schema: string,
    contractsIn: (body: Rates) => readonly Contract[],
  ): ReadSpec => ({
    ...common,
    name: path,
    target: `${RATES}/${path}`,
    schema: schemaOf(schemas, `${RATES}/${schema}`),
    freshness: {
      freshFor: Number(CACHE_DURATION),
      serveStaleFor: 8 * HOUR_S,
      read: (body: Rates) => {
        const contracts = contractsIn(body)
        return {
          publishedAt: Date.parse(body.meta.fetched_at),
          values: [
            { key: 'rates', fetchedAt: Date.parse(body.meta.fetched_at) },
            ...contracts.map(({ symbol, exchange, last_updated }) => ({
              key: `rate ${symbol} of ${exchange}`,
              asOf: Date.parse(last_updated),
              fetchedAt: Date.parse(body.meta.fetched_at),
            })),
          ],
          wrongValues: contracts.flatMap(wrongRate),
        }
      },
    },
  })
  const uncached = (path: string): ReadSpec => ({
    ...common,
    name: path,
    target: `${RATES}/${path}`,
    schema: schemaOf(schemas, `${RATES}/${path}`),
  })
  const all = ({ contracts }: Rates) => Object.values(contracts)
  const none = () => []
  return [
    ofSet('latest-rates', 'latest-rates', all),
    ofSet('latest-rates?fast_mode=true', 'latest-rates', all),
    ofSet('contracts-by-interval/8h', 'contracts-by-interval/{interval}', all),
    ofSet('pool', 'pool', none),
    ofSet('cache-status', 'cache-status', none),
    uncached('health'),
    uncached('task-stats'),
  ]
}
