import type { JobDeclaration } from '#shared/declare/job.ts'
import * as registry from './index.ts'

/** All jobs of the registry, in order of their ids. */
export const jobs: readonly JobDeclaration[] = Object.values(registry).sort((a, b) => (a.id < b.id ? -1 : 1))
