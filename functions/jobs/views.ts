import type { View, Views } from '#shared/read/view.ts'
import { jobs } from './declared.ts'

/**
 * The views of each job whose public routes name one, by job id: `views` of the job's `views.ts`. The build replaces this module
 * by static imports of the same files.
 */
export const viewsByJob: Views = Object.fromEntries(
  await Promise.all(
    jobs
      .filter(({ spec }) => spec.reads.some(({ access, view }) => access === 'public' && view !== undefined))
      .map(async ({ id }) => {
        const { views } = (await import(`./${id}/views.ts`)) as { views: Readonly<Record<string, View>> }
        return [id, views] as const
      }),
  ),
)
