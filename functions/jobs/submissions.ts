import { submission as fundingRates } from '#functions/jobs/funding-rates/submit.ts'
import { submission as hama } from '#functions/jobs/hama/submit.ts'
import type { SubmissionFormat } from '#functions/runtime/submission.ts'

/** How tasks are submitted over HTTPS: one line for each job that has a `submit.ts`. */
export const submissions: Readonly<Record<string, SubmissionFormat>> = {
  'funding-rates': fundingRates,
  hama,
}
