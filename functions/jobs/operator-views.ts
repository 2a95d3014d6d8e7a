import type { View, Views } from '#shared/read/view.ts'
import { jobs } from './declared.ts'

/**
 * The views of each job for routes of operators, by job id: `operatorViews` of the job's `operator-views.ts`. They are no
 * part of the public reads function. The build replaces this module by static imports of the same files.
 */
export const operatorViewsByJob: Views = Object.fromEntries(
  await Promise.all(
    jobs
      .filter(({ spec }) =>
        spec.reads.some(({ access, view }) => access === 'operator' && view !== undefined),
      )
      .map(async ({ id }) => {
        const { operatorViews } = (await import(`./${id}/operator-views.ts`)) as {
          operatorViews: Readonly<Record<string, View>>
        }
        return [id, operatorViews] as const
      }),
  ),
)
