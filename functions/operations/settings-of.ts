import type { Job } from '#shared/declare/job.ts'
import type { Overrides } from '#shared/domain/records/control.ts'
import { HttpError } from './refused.ts'

/** Far more than a list of two hundred symbols needs; what is decided for a job is one record. */
export const MAX_SETTING_LENGTH = 8_192

const MAX_MESSAGE_LENGTH = 500

/** Whether a member of a body holds settings as the environment would: texts by name. */
export function isSettings(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every(
    (text) => typeof text === 'string' && text.length <= MAX_SETTING_LENGTH && text.isWellFormed(),
  )
}

/**
 * Settings that are to hold in place of the configuration; nothing where none is said. Each is read as that of the
 * environment would be.
 *
 * @param nameOf - what whoever asks calls a setting
 * @throws {HttpError} 400 with expected and got
 */
export function parseSettings(
  { overridableSettings }: Job,
  settings: Readonly<Record<string, string>>,
  nameOf: (setting: string) => string = (setting) => `settings.${setting}`,
): Pick<Overrides, 'settings'> {
  for (const [name, text] of Object.entries(settings)) {
    try {
      overridableSettings[name]?.parse(text)
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      const message = `${nameOf(name)}: ${error.message}`.slice(0, MAX_MESSAGE_LENGTH)
      throw new HttpError({ status: 400, message }, { cause: error })
    }
  }
  return Object.keys(settings).length === 0 ? {} : { settings }
}
