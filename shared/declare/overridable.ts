import { expectOneOf } from './exact.ts'
import type { SettingsTable, SettingValues } from './setting.ts'
import { settingValues } from './settings.ts'

/** What of any declaration may be overridden: how often it runs, and which of its items it refreshes. */
export type Overridable = 'interval' | 'items'

/** What a declaration says of it. */
interface OverridableSpec {
  readonly settings: SettingsTable
  readonly overridable?: readonly string[]
}

const OVERRIDABLE_PARTS: readonly Overridable[] = ['interval', 'items']

/** What may be overridden of a job, and which of its settings, each with how its text is read. */
export function overridableOf({ settings, overridable = [] }: OverridableSpec): {
  readonly overridable: readonly Overridable[]
  readonly overridableSettings: SettingsTable
} {
  return {
    overridable: OVERRIDABLE_PARTS.filter((part) => overridable.includes(part)),
    overridableSettings: Object.fromEntries(
      Object.entries(settings).filter(([name]) => overridable.includes(name)),
    ),
  }
}

/**
 * Checks what is said to be overridable. A run under an override has other settings and the same schedule, upstream and
 * freshness: a setting that those are made from would be half in effect.
 *
 * @param apply - makes the job, with the defaults of its settings
 * @throws {TypeError} for what is neither a part nor a setting of its own, or a setting that `apply` looks at
 */
export function checkOverridable(
  where: string,
  { settings, overridable = [] }: OverridableSpec,
  apply: (settings: SettingValues<SettingsTable>) => unknown,
): void {
  for (const what of overridable) expectOneOf(where, what, [...OVERRIDABLE_PARTS, ...Object.keys(settings)])
  const looked = new Set<PropertyKey>()
  const get = (values: object, name: PropertyKey) => {
    looked.add(name)
    return Reflect.get(values, name)
  }
  apply(new Proxy(settingValues(settings, {}), { get }))
  const shaping = overridable.find((name) => looked.has(name))
  if (shaping === undefined) return
  throw new TypeError(
    `${where}: expected settings that runs alone look at, got ${shaping}, which other members of the declaration are made from`,
  )
}
