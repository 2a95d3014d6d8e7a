import { MINUTE_MS, SECOND_MS } from '#shared/domain/duration.ts'
import { errorMessage, shown } from '#shared/domain/text.ts'

/** One setting of a job or an upstream. The settings reference is generated from these members. */
export interface Setting<T> {
  /** The default as text of the environment; `undefined` for an optional setting without a default. */
  readonly fallback: string | undefined
  /** The legal values: `1 to 60 minutes`. */
  readonly rule: string
  readonly about: string
  /** @throws {TypeError} with the expected and the actual text */
  readonly parse: (text: string) => T
}

// biome-ignore lint/suspicious/noExplicitAny: a table holds settings of every value type; SettingValues restores each
export type SettingsTable = Readonly<Record<string, Setting<any>>>

/** The parsed values of a table, by name. */
export type SettingValues<S extends SettingsTable> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never
}

interface Range {
  readonly min?: number
  readonly max?: number
  readonly about: string
}

/** A whole number of minutes, resolved to milliseconds. */
export const minutes = (fallback: number, range: Range) => amount('minutes', MINUTE_MS, fallback, range)

/** A whole number of seconds, resolved to milliseconds. */
export const seconds = (fallback: number, range: Range) => amount('seconds', SECOND_MS, fallback, range)

/** A number of attempts, the first included. */
export const attempts = (fallback: number, range: Range) => amount('attempts', 1, fallback, range)

/**
 * A whole number with its unit, a plural noun.
 *
 * @example count(20, { unit: 'contracts', min: 1, max: 100, about: 'largest size of the pool' })
 */
export const count = (fallback: number, { unit, ...range }: Range & { readonly unit: string }) =>
  amount(unit, 1, fallback, range)

/** A decimal number. */
export function decimal(
  fallback: number,
  { min, max, about }: { readonly min: number; readonly max?: number; readonly about: string },
): Setting<number> {
  const rule = max === undefined ? `at least ${min}` : `${min} to ${max}`
  const parse = (text: string) => {
    const value = /^\d{1,15}(?:\.\d{1,15})?$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= (max ?? Number.POSITIVE_INFINITY)) return value
    throw new TypeError(`expected a number, ${rule}, got ${shown(text)}`)
  }
  parse(String(fallback))
  return { fallback: String(fallback), rule, about, parse }
}

/** An ordered list of distinct words, comma separated. */
export function list<const T extends string>(
  fallback: readonly NoInfer<T>[],
  {
    of,
    rule,
    about,
  }: { readonly of: (word: string) => word is T; readonly rule: string; readonly about: string },
): Setting<readonly T[]> {
  const parse = (text: string) => {
    const words = text === '' ? [] : text.split(',').map((word) => word.trim())
    const isLegal = words.every(of) && new Set(words).size === words.length
    if (isLegal) return words as T[]
    throw new TypeError(`expected ${rule}, comma separated, each once; got ${shown(text)}`)
  }
  parse(fallback.join(','))
  return { fallback: fallback.join(','), rule, about, parse }
}

/** Names with a value each, comma separated: `TSCO.L=GBp,.TO=CAD`. Empty by default. */
export function pairs({
  of,
  rule,
  about,
}: {
  readonly of: (name: string, value: string) => boolean
  readonly rule: string
  readonly about: string
}): Setting<Readonly<Record<string, string>>> {
  const parse = (text: string) => {
    const words = text === '' ? [] : text.split(',').map((word) => word.trim())
    const entries = words.map((word) => word.split('=') as [string, string])
    const names = new Set(entries.map(([name]) => name))
    if (
      entries.every(([name, value, ...more]) => more.length === 0 && of(name, value ?? '')) &&
      names.size === words.length
    )
      return Object.fromEntries(entries)
    throw new TypeError(`expected ${rule}, comma separated, each name once; got ${shown(text)}`)
  }
  return { fallback: '', rule, about, parse }
}

/** `true` or `false`. */
export function flag(fallback: boolean, { about }: { about: string }): Setting<boolean> {
  return {
    fallback: String(fallback),
    rule: 'true or false',
    about,
    parse: (text) => {
      if (text === 'true' || text === 'false') return text === 'true'
      throw new TypeError(`expected true or false, got ${shown(text)}`)
    },
  }
}

/** One of a few words; `unit` is for words that are numbers. */
export function choice<const T extends string>(
  words: readonly T[],
  fallback: NoInfer<T>,
  { about, unit }: { readonly about: string; readonly unit?: string },
): Setting<T> {
  const rule = `one of ${words.join(', ')}${unit === undefined ? '' : ` ${unit}`}`
  return {
    fallback,
    rule,
    about,
    parse: (text) => {
      const word = words.find((legal) => legal === text)
      if (word !== undefined) return word
      throw new TypeError(`expected ${rule}, got ${shown(text)}`)
    },
  }
}

/** The name of an SSM SecureString parameter, never the secret itself. Optional. */
export function secretName({ about }: { about: string }): Setting<string | undefined> {
  const rule = 'the name of an SSM parameter: letters, digits, . - _ and /'
  return {
    fallback: undefined,
    rule,
    about,
    parse: (text) => {
      if (/^[\w.\-/]{1,512}$/.test(text)) return text
      throw new TypeError(`expected ${rule}; got ${text.length} other characters`)
    },
  }
}

/** The form of a text. */
interface TextForm {
  /** The whole text must match; without anchors. */
  readonly pattern: string
  readonly rule: string
  readonly about: string
}

/** A text of a form. Optional, unless it has a default. */
export function text(form: TextForm & { readonly fallback: string }): Setting<string>
export function text(form: TextForm): Setting<string | undefined>
export function text({
  pattern,
  rule,
  about,
  fallback,
}: TextForm & { readonly fallback?: string }): Setting<string | undefined> {
  const form = new RegExp(`^(?:${pattern})$`)
  const parse = (value: string) => {
    if (form.test(value)) return value
    throw new TypeError(`expected ${rule}, got ${shown(value)}`)
  }
  if (fallback !== undefined) parse(fallback)
  return { fallback, rule, about, parse }
}

function amount(unit: string, factor: number, fallback: number, range: Range): Setting<number> {
  const { min = 1, max = Number.MAX_SAFE_INTEGER, about } = range
  const rule = max === Number.MAX_SAFE_INTEGER ? `at least ${min} ${unit}` : `${min} to ${max} ${unit}`
  const parse = (text: string) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value * factor
    throw new TypeError(`expected a whole number, ${rule}, got ${shown(text)}`)
  }
  parse(String(fallback))
  return { fallback: String(fallback), rule, about, parse }
}

/** Settings as text: from the environment or a stage file. */
export type SettingTexts = Readonly<Record<string, string | undefined>>

/** One illegal setting. */
export interface SettingFault {
  readonly name: string
  readonly message: string
}

/** All illegal settings of a configuration, one line each. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
  readonly faults: readonly SettingFault[]

  constructor(faults: readonly SettingFault[], options?: ErrorOptions) {
    super(faults.map(({ name, message }) => `${name}: ${message}`).join('\n'), options)
    this.faults = faults
  }
}

/**
 * Parses the settings of one table; a missing text takes the default.
 *
 * @throws {SettingsError} naming every illegal setting
 */
export function settingValues<S extends SettingsTable>(table: S, texts: SettingTexts): SettingValues<S> {
  const faults: SettingFault[] = []
  const values: Record<string, unknown> = {}
  for (const [name, setting] of Object.entries(table)) {
    const text = texts[name] ?? setting.fallback
    try {
      values[name] = text === undefined ? undefined : setting.parse(text)
    } catch (error) {
      faults.push({ name, message: errorMessage(error) })
    }
  }
  if (faults.length > 0) throw new SettingsError(faults)
  return Object.freeze(values) as SettingValues<S>
}

/** Settings that record which of them are read: the ones from which a member of a declaration is computed. */
export class SettingsRecorder<T extends object> {
  readonly settings: T
  readonly #names = new Set<string>()

  constructor(settings: T) {
    this.settings = new Proxy(settings, {
      get: (target, name) => {
        this.#names.add(String(name))
        return Reflect.get(target, name)
      },
    })
  }

  /** The names that were read so far, each once. */
  get names(): readonly string[] {
    return [...this.#names]
  }
}

/** The settings of a table that differ from their defaults: the part that a function's environment must contain. */
export function changedSettings(table: SettingsTable, texts: SettingTexts): Record<string, string> {
  const changed: Record<string, string> = {}
  for (const [name, setting] of Object.entries(table)) {
    const text = texts[name]
    if (text !== undefined && text !== setting.fallback) changed[name] = text
  }
  return changed
}
