import { fundingRates } from '#functions/jobs/funding-rates/views.ts'
import { hama } from '#functions/jobs/hama/views.ts'
import { symbolUniverse } from '#functions/jobs/symbol-universe/views.ts'
import { topGainers } from '#functions/jobs/top-gainers/views.ts'
import type { Views } from '#shared/read/view.ts'

/** How jobs answer where one stored value is not enough: one line for each that has a `read.ts`. */
export const viewsByJob: Views = {
  'funding-rates': fundingRates,
  hama,
  'symbol-universe': symbolUniverse,
  'top-gainers': topGainers,
}
