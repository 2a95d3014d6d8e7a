import * as registry from '#functions/jobs/index.ts'
import type { JobDeclaration } from '#shared/declare/job.ts'

/** Every job of the registry, by id. */
export const jobs: readonly JobDeclaration[] = Object.values(registry).sort((a, b) => (a.id < b.id ? -1 : 1))
