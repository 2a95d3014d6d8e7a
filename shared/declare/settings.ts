/**
 * One knob of a job or an upstream: how its text is read, what it defaults to and what may be said.
 * Settings are documented by their own fields; the reference is printed from them.
 */
export interface Setting<T> {
  readonly kind: string
  /** As it would be written in the environment; absent where the setting may be left out. */
  readonly fallback: string | undefined
  /** What is legal, in words: `1 to 60 minutes`. */
  readonly rule: string
  readonly about: string
  /** @throws {TypeError} with expected and got */
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
export const minutes = (fallback: number, range: Range) => amount('minutes', 60_000, fallback, range)

/** A whole number of seconds, resolved to milliseconds. */
export const seconds = (fallback: number, range: Range) => amount('seconds', 1_000, fallback, range)

/** A count of attempts, the first included. */
export const attempts = (fallback: number, range: Range) => amount('attempts', 1, fallback, range)

/** A count of whatever the name says. */
export const count = (fallback: number, range: Range) => amount('in number', 1, fallback, range)

/** A number, not necessarily whole. */
export function decimal(
  fallback: number,
  { min, max, about }: { readonly min: number; readonly max?: number; readonly about: string },
): Setting<number> {
  const rule = max === undefined ? `at least ${min}` : `${min} to ${max}`
  const parse = (text: string) => {
    const value = /^\d{1,15}(?:\.\d{1,15})?$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= (max ?? Number.POSITIVE_INFINITY)) return value
    throw new TypeError(`expected a number, ${rule}, got ${JSON.stringify(text)}`)
  }
  parse(String(fallback))
  return { kind: 'number', fallback: String(fallback), rule, about, parse }
}

/** A list of words, comma separated, in order; each once. */
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
    const isTold = words.every(of) && new Set(words).size === words.length
    if (isTold) return words as T[]
    throw new TypeError(`expected ${rule}, comma separated, each once; got ${JSON.stringify(text)}`)
  }
  parse(fallback.join(','))
  return { kind: 'list', fallback: fallback.join(','), rule, about, parse }
}

/** `true` or `false`. */
export function flag(fallback: boolean, { about }: { about: string }): Setting<boolean> {
  return {
    kind: 'flag',
    fallback: String(fallback),
    rule: 'true or false',
    about,
    parse: (text) => {
      if (text === 'true' || text === 'false') return text === 'true'
      throw new TypeError(`expected true or false, got ${JSON.stringify(text)}`)
    },
  }
}

/** One of a few words. */
export function choice<const T extends string>(
  words: readonly T[],
  fallback: NoInfer<T>,
  { about }: { about: string },
): Setting<T> {
  const rule = `one of ${words.join(', ')}`
  return {
    kind: 'choice',
    fallback,
    rule,
    about,
    parse: (text) => {
      const word = words.find((known) => known === text)
      if (word !== undefined) return word
      throw new TypeError(`expected ${rule}, got ${JSON.stringify(text)}`)
    },
  }
}

/** The name of an SSM SecureString parameter: the name, never the secret. May be left out. */
export function secretName({ about }: { about: string }): Setting<string | undefined> {
  const rule = 'the name of an SSM parameter: letters, digits, . - _ and /'
  return {
    kind: 'secret name',
    fallback: undefined,
    rule,
    about,
    parse: (text) => {
      if (/^[\w.\-/]{1,512}$/.test(text)) return text
      throw new TypeError(`expected ${rule}; got ${text.length} other characters`)
    },
  }
}

function amount(kind: string, factor: number, fallback: number, range: Range): Setting<number> {
  const { min = 1, max = Number.MAX_SAFE_INTEGER, about } = range
  const rule = max === Number.MAX_SAFE_INTEGER ? `at least ${min} ${kind}` : `${min} to ${max} ${kind}`
  const parse = (text: string) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value * factor
    throw new TypeError(`expected a whole number, ${rule}, got ${JSON.stringify(text)}`)
  }
  parse(String(fallback))
  return { kind, fallback: String(fallback), rule, about, parse }
}

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

/**
 * An ordered list of base URLs from a setting: comma separated, `https:` unless loopback, no credentials, query or
 * fragment.
 *
 * @throws {SettingsError} naming the setting, expected and got (never more of it than the origin)
 */
export function parseBaseUrls(setting: string, text: string): URL[] {
  const urls = text.split(',').map((part) => part.trim())
  return urls.map((part) => {
    const url = URL.parse(part)
    const legal =
      url !== null &&
      (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) &&
      url.username === '' &&
      url.password === '' &&
      url.search === '' &&
      url.hash === ''
    if (legal) return url
    const got = url === null ? JSON.stringify(part) : `${url.protocol}//${url.host}`
    throw new SettingsError([
      {
        name: setting,
        message: `expected base URLs, https: unless loopback, without query or user; got ${got}`,
      },
    ])
  })
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}
