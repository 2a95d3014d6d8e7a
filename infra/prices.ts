/** When and where the prices were looked up. */
export const PRICE_LIST = { date: '2026-11', region: 'us-east-1' } as const

/**
 * List prices in US dollars, without any free tier. Unverified: the scheduler, bus events, egress.
 *
 * @see https://aws.amazon.com/pricing/
 */
export const PRICE = {
  lambdaRequest: 0.2 / 1e6,
  /** arm64 */
  lambdaGigabyteSecond: 0.0000133334,
  /** An eventually consistent read of up to 4 KB is half a unit. */
  tableReadUnit: 0.125 / 1e6,
  tableWriteUnit: 0.625 / 1e6,
  apiRequest: 1 / 1e6,
  scheduledTick: 1 / 1e6,
  busEvent: 1 / 1e6,
  /** Of a Standard workflow: each state that is entered, retries included. */
  stateTransition: 25 / 1e6,
  logGigabyte: 0.5,
  egressGigabyte: 0.09,
  metricSeries: 0.3,
  alarm: 0.1,
  dashboard: 3,
  encryptionKey: 1,
} as const
