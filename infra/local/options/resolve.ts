import type { Job } from '#shared/declare/job.ts'
import { SettingsError, type SettingTexts } from '#shared/declare/settings.ts'
import { type Declarations, resolveSystem, type System } from '#shared/declare/system.ts'
import { StartError } from '../host/lifecycle.ts'

/** @throws {StartError} for settings and declarations that are illegal: the user can correct them */
export function resolveSettings(declarations: Declarations, settings: SettingTexts): System {
  try {
    return resolveSystem(declarations, settings)
  } catch (error) {
    if (error instanceof SettingsError) {
      throw new StartError(
        error.faults.map(({ name, message }) => `${name}: ${message}`),
        { cause: error },
      )
    }
    if (error instanceof TypeError) throw new StartError([error.message], { cause: error })
    throw error
  }
}

/**
 * The jobs that run: those of `--only`, or all.
 *
 * @throws {StartError} for a name that is no job
 */
export function selectedJobs(jobs: readonly Job[], only: readonly string[] | undefined): readonly Job[] {
  if (only === undefined) return jobs
  const ids = jobs.map(({ id }) => id)
  const unknown = only.find((name) => !ids.includes(name))
  if (unknown === undefined) return jobs.filter(({ id }) => only.includes(id))
  throw new StartError([`--only: expected jobs among ${ids.join(', ')}; got ${JSON.stringify(unknown)}`])
}
