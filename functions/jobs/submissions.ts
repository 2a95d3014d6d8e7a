import type { SubmissionShape } from '../submit/submission-shape.ts'
import { submission as fundingRates } from './funding-rates/submit.ts'
import { submission as hama } from './hama/submit.ts'

/** How tasks are submitted over HTTPS: one line for each job that has a `submit.ts`. */
export const submissions: Readonly<Record<string, SubmissionShape>> = {
  'funding-rates': fundingRates,
  hama,
}
