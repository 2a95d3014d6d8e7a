import type { SubmissionFormat } from '#functions/runtime/submission.ts'
import { jobs } from './declared.ts'

/**
 * The submission format of each job with a route that submits tasks, by job id: `submission` of the job's
 * `submit.ts`. The build replaces this module by static imports of the same files.
 */
export const submissionsByJob: Readonly<Record<string, SubmissionFormat>> = Object.fromEntries(
  await Promise.all(
    jobs
      .filter(({ spec }) => (spec.submits ?? []).length > 0)
      .map(async ({ id }) => {
        const { submission } = (await import(`./${id}/submit.ts`)) as { submission: SubmissionFormat }
        return [id, submission] as const
      }),
  ),
)
