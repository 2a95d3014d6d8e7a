import type { Job } from '#shared/declare/job.ts'
import { checkInKeys } from './keys.ts'

/** The settings from which the keys and the calls of every check-in job follow. */
interface CheckInSettings {
  readonly CHECKINS_GROUP_ID: string
  readonly CHECKINS_KEY_PREFIX: string
  readonly CHECKINS_MAX_PROJECTS: number
  readonly CHECKINS_CONTACT: string
}

/** The settings of a check-in job: {@link CheckInSettings} is a part of the table of each. */
export function checkInSettings({ settings }: Pick<Job, 'settings'>): CheckInSettings {
  return settings as unknown as CheckInSettings
}

/** The keys of a check-in job, under its prefix. */
export function keysOf(job: Pick<Job, 'settings'>): ReturnType<typeof checkInKeys> {
  return checkInKeys(checkInSettings(job).CHECKINS_KEY_PREFIX)
}
