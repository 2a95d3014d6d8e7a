import type { Shapes } from '../serving/shape.ts'
import { fundingRates } from './funding-rates/read.ts'
import { hama } from './hama/read.ts'
import { symbolUniverse } from './symbol-universe/read.ts'
import { topGainers } from './top-gainers/read.ts'

/** How jobs answer where one stored value is not enough: one line for each that has a `read.ts`. */
export const shapes: Shapes = {
  'funding-rates': fundingRates,
  hama,
  'symbol-universe': symbolUniverse,
  'top-gainers': topGainers,
}
