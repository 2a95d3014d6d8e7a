import type { HttpAnswer } from '../ports/http.ts'
import type { Classified } from '../upstreams/classify.ts'
import { parseBaseUrls } from './base-urls.ts'
import { type Duration, milliseconds } from './duration.ts'
import { expectMatch, refuseUnknownKeys } from './exact.ts'
import type { SettingsTable, SettingValues } from './setting.ts'
import { type SettingTexts, settingValues } from './settings.ts'

/** What the provider allows, over all jobs and retries together. Absent: no such limit is known. */
interface UpstreamLimits {
  readonly perMinute: number
  readonly concurrency: number
  readonly perDay?: number
  readonly perMonth?: number
}

/** A key that every call carries: where it is kept, and the header it travels in. */
interface UpstreamSecret {
  readonly parameter: string
  readonly header: string
}

/** One provider, as it is declared. */
export interface UpstreamSpec<S extends SettingsTable> {
  readonly name: string
  readonly title: string
  readonly settings: S
  /** In order of preference; `FRESHET_UPSTREAM_<NAME>_URL` replaces them. */
  readonly baseUrls: (settings: SettingValues<S>) => readonly string[]
  readonly secret?: (settings: SettingValues<S>) => UpstreamSecret | undefined
  readonly limits: (settings: SettingValues<S>) => UpstreamLimits
  readonly attemptTimeout: Duration
  /** Cap on a body in bytes, after decompression. */
  readonly maxBytes: number
  /** What the provider's terms want shown wherever its data are. */
  readonly attribution: { readonly text: string; readonly url: string }
  /** What an answer means: a 200 is not success. `now` is milliseconds since the epoch. */
  readonly classify: (answer: HttpAnswer, now: number) => Classified
}

export interface UpstreamDeclaration {
  readonly name: string
  readonly settings: SettingsTable
  readonly spec: UpstreamSpec<SettingsTable>
}

/** A provider with its settings applied. */
export interface Upstream {
  readonly name: string
  readonly title: string
  readonly baseUrls: readonly URL[]
  /** Origins that may be a private or loopback address, because the settings name them. */
  readonly trustedOrigins: readonly string[]
  readonly secret?: UpstreamSecret
  readonly limits: UpstreamLimits
  readonly attemptTimeoutMs: number
  readonly maxBytes: number
  readonly attribution: { readonly text: string; readonly url: string }
  readonly classify: (answer: HttpAnswer, now: number) => Classified
}

const SPEC_KEYS = [
  'name',
  'title',
  'settings',
  'baseUrls',
  'secret',
  'limits',
  'attemptTimeout',
  'maxBytes',
  'attribution',
  'classify',
]

/**
 * Declares a provider, checked with the defaults of its settings.
 *
 * @throws {TypeError} naming the place, expected and got
 */
export function defineUpstream<const S extends SettingsTable>(spec: UpstreamSpec<S>): UpstreamDeclaration {
  const where = `upstream ${JSON.stringify(spec.name)}`
  refuseUnknownKeys(where, spec, SPEC_KEYS)
  expectMatch(`${where}.name`, spec.name, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'a short kebab-case name')
  expectMatch(`${where}.attribution.text`, spec.attribution.text, /\S/, 'the words the provider asks for')
  const declaration: UpstreamDeclaration = Object.freeze({
    name: spec.name,
    settings: spec.settings,
    spec: Object.freeze(spec) as unknown as UpstreamSpec<SettingsTable>,
  })
  resolveUpstream(declaration, {})
  return declaration
}

/** The setting that replaces an upstream's base URLs: `FRESHET_UPSTREAM_COINGECKO_URL`. */
export function baseUrlSetting(name: string): string {
  return `FRESHET_UPSTREAM_${name.toUpperCase().replaceAll('-', '_')}_URL`
}

/**
 * Applies settings to a declared provider.
 *
 * @throws {SettingsError} for illegal values
 */
export function resolveUpstream({ name, spec }: UpstreamDeclaration, given: SettingTexts): Upstream {
  const where = `upstream ${JSON.stringify(name)}`
  const settings = settingValues(spec.settings, given)
  const override = given[baseUrlSetting(name)]
  const baseUrls =
    override === undefined
      ? spec.baseUrls(settings).map((text) => new URL(text))
      : parseBaseUrls(baseUrlSetting(name), override)
  const limits = spec.limits(settings)
  refuseUnknownKeys(`${where}.limits`, limits, ['perMinute', 'concurrency', 'perDay', 'perMonth'])
  for (const [key, limit] of Object.entries(limits)) {
    if (!(limit > 0)) throw new TypeError(`${where}.limits.${key}: expected a positive number, got ${limit}`)
  }
  const secret = spec.secret?.(settings)
  return Object.freeze({
    name,
    title: spec.title,
    baseUrls,
    trustedOrigins: override === undefined ? [] : baseUrls.map((url) => url.origin),
    ...(secret === undefined ? {} : { secret }),
    limits,
    attemptTimeoutMs: milliseconds(spec.attemptTimeout),
    maxBytes: spec.maxBytes,
    attribution: spec.attribution,
    classify: spec.classify,
  })
}
