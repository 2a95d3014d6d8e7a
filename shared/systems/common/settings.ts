import { flag } from '#shared/declare/settings.ts'

/** The setting that all jobs of the portfolio and of the macro system share. */
export const SCHEDULER_SETTINGS = {
  ENABLE_SCHEDULER: flag(true, { about: 'run the jobs of the portfolio and of the macro system' }),
} as const
