import type { SubmissionFormat } from '#functions/runtime/submission.ts'
import { refreshSubmission } from '#shared/systems/portfolio/refresh-submission.ts'

/** A refresh of the indicators of all symbols or of some. */
export const submission: SubmissionFormat = refreshSubmission('Refresh of the positions submitted')
