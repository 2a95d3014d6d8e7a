import type { JobDeclaration } from '#shared/declare/job.ts'
import * as registry from './index.ts'

/** Every job of the registry, by id. */
export const jobs: readonly JobDeclaration[] = Object.values(registry).sort((a, b) => (a.id < b.id ? -1 : 1))
