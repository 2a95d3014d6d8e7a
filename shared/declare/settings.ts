import type { SettingsTable, SettingValues } from './setting.ts'

/** Settings as they are written: in the environment, or in a stage file. */
export type SettingTexts = Readonly<Record<string, string | undefined>>

/** What is wrong with one setting. */
export interface SettingFault {
  readonly name: string
  readonly message: string
}

/** Every fault of a configuration at once, each with its name, what was expected and what was got. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
  readonly faults: readonly SettingFault[]

  constructor(faults: readonly SettingFault[], options?: ErrorOptions) {
    super(faults.map(({ name, message }) => `${name}: ${message}`).join('\n'), options)
    this.faults = faults
  }
}

/**
 * Reads the settings of one table; what is not given takes its default.
 *
 * @throws {SettingsError} naming every illegal value
 */
export function settingValues<S extends SettingsTable>(table: S, given: SettingTexts): SettingValues<S> {
  const faults: SettingFault[] = []
  const values: Record<string, unknown> = {}
  for (const [name, setting] of Object.entries(table)) {
    const text = given[name] ?? setting.fallback
    try {
      values[name] = text === undefined ? undefined : setting.parse(text)
    } catch (error) {
      faults.push({ name, message: error instanceof Error ? error.message : String(error) })
    }
  }
  if (faults.length > 0) throw new SettingsError(faults)
  return Object.freeze(values) as SettingValues<S>
}

/** The settings of a table that differ from their defaults: all that has to travel in a function's environment. */
export function changedSettings(table: SettingsTable, given: SettingTexts): Record<string, string> {
  const changed: Record<string, string> = {}
  for (const [name, setting] of Object.entries(table)) {
    const text = given[name]
    if (text !== undefined && text !== setting.fallback) changed[name] = text
  }
  return changed
}
