import type { z } from 'zod'
import type { Job } from '#shared/declare/job.ts'

/** The bodies of the jobs' routes, by path. */
export type JobSchemas = ReadonlyMap<string, z.ZodType>

/** Loads `schema.ts` of each job's folder. @throws when a folder has none */
export async function jobSchemas(jobs: readonly Pick<Job, 'id'>[]): Promise<JobSchemas> {
  const loaded = jobs.map(async ({ id }) => {
    const file = new URL(`../../functions/jobs/${id}/schema.ts`, import.meta.url)
    const { schemas } = (await import(file.href)) as { schemas: Readonly<Record<string, z.ZodType>> }
    return Object.entries(schemas)
  })
  return new Map((await Promise.all(loaded)).flat())
}
