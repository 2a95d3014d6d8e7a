import type { JobDeclaration } from '#shared/declare/job.ts'
import { job as globalMarket } from './global-market/job.ts'

/** Every job, one line each. */
export const jobs: readonly JobDeclaration[] = [globalMarket]
