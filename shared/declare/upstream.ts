import { type Duration, milliseconds } from '#shared/domain/duration.ts'
import type { RefreshError } from '#shared/domain/errors.ts'
import type { HttpResponse } from '#shared/domain/ports/http.ts'
import { checkedZone } from './schedule.ts'
import {
  parseBaseUrls,
  type SettingsTable,
  type SettingTexts,
  type SettingValues,
  settingValues,
} from './settings.ts'
import { expectMatch, expectWholeNumber, rejectUnknownKeys } from './validation.ts'

/** What the provider allows, over all jobs and retries together. Absent: no such limit is known. */
interface UpstreamLimits {
  /** Calls in any sixty seconds. */
  readonly perMinute: number
  /** How many of them may come at once after a quiet while; one unless said. */
  readonly burst?: number
  readonly concurrency: number
  readonly perDay?: number
  readonly perMonth?: number
  /** The share of a day's or month's calls that scheduled runs may use, the rest is an operator's; 0.9 unless said. */
  readonly scheduledShare?: number
  /** Whose midnight begins the provider's day; UTC unless said. */
  readonly zone?: string
}

/** When the provider is left alone because it fails. */
interface BreakerSpec {
  /** Runs failed one after the other; 3 unless said. */
  readonly failures?: number
  /** Until one run probes; five minutes unless said. */
  readonly coolDown?: Duration
}

/** The provider's own count of what was used of its minute, of all calls from our address. */
interface UsageSpec {
  /** The header of its answers that has it, in lower case. */
  readonly header: string
  /** What it allows in a minute, in the unit of its count. */
  readonly limit: number
  /** From this share of it on nothing is asked until its next minute; 0.8 unless said. */
  readonly share?: number
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
  /** Where the provider tells how much of its minute is used. */
  readonly usage?: UsageSpec
  readonly breaker?: BreakerSpec
  readonly attemptTimeout: Duration
  /** Cap on a body in bytes, after decompression. */
  readonly maxBytes: number
  /** What the provider's terms want shown wherever its data are. */
  readonly attribution: { readonly text: string; readonly url: string }
  /** What an answer means: a 200 is not success. `now` is milliseconds since the epoch. */
  readonly classify: (answer: HttpResponse, now: number) => Classified
}

export interface UpstreamDeclaration {
  readonly name: string
  readonly settings: SettingsTable
  readonly spec: UpstreamSpec<SettingsTable>
}

/** What the provider allows, with nothing left unsaid but what it does not limit. */
export type Limits = UpstreamLimits & Required<Pick<UpstreamLimits, 'burst' | 'scheduledShare' | 'zone'>>

export type UsagePolicy = Required<UsageSpec>

export interface BreakerPolicy {
  readonly failures: number
  readonly coolDownMs: number
}

/** A provider with its settings applied. */
export interface Upstream {
  readonly name: string
  readonly title: string
  readonly baseUrls: readonly URL[]
  /** Origins that may be a private or loopback address, because the settings name them. */
  readonly trustedOrigins: readonly string[]
  readonly secret?: UpstreamSecret
  readonly limits: Limits
  readonly usage?: UsagePolicy
  readonly breaker: BreakerPolicy
  readonly attemptTimeoutMs: number
  readonly maxBytes: number
  readonly attribution: { readonly text: string; readonly url: string }
  readonly classify: (answer: HttpResponse, now: number) => Classified
}

const SPEC_KEYS = [
  'name',
  'title',
  'settings',
  'baseUrls',
  'secret',
  'limits',
  'usage',
  'breaker',
  'attemptTimeout',
  'maxBytes',
  'attribution',
  'classify',
]

const LIMIT_KEYS = ['perMinute', 'burst', 'concurrency', 'perDay', 'perMonth', 'scheduledShare', 'zone']

/**
 * Declares a provider, checked with the defaults of its settings.
 *
 * @throws {TypeError} naming the place, expected and got
 */
export function defineUpstream<const S extends SettingsTable>(spec: UpstreamSpec<S>): UpstreamDeclaration {
  const where = `upstream ${JSON.stringify(spec.name)}`
  rejectUnknownKeys(where, spec, SPEC_KEYS)
  expectMatch(`${where}.name`, spec.name, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'a short kebab-case name')
  expectMatch(`${where}.attribution.text`, spec.attribution.text, /\S/, 'the words the provider asks for')
  const declaration: UpstreamDeclaration = Object.freeze({
    name: spec.name,
    settings: spec.settings,
    // the compiler has checked which settings its functions speak of; a list of all declarations cannot say it
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
  const secret = spec.secret?.(settings)
  return Object.freeze({
    name,
    title: spec.title,
    baseUrls,
    trustedOrigins: override === undefined ? [] : baseUrls.map((url) => url.origin),
    ...(secret === undefined ? {} : { secret }),
    limits: checkedLimits(`${where}.limits`, spec.limits(settings)),
    ...(spec.usage === undefined ? {} : { usage: checkedUsage(`${where}.usage`, spec.usage) }),
    breaker: checkedBreaker(`${where}.breaker`, spec.breaker ?? {}),
    attemptTimeoutMs: milliseconds(spec.attemptTimeout),
    maxBytes: spec.maxBytes,
    attribution: spec.attribution,
    classify: spec.classify,
  })
}

function checkedLimits(where: string, declared: UpstreamLimits): Limits {
  rejectUnknownKeys(where, declared, LIMIT_KEYS)
  const limits = { burst: 1, scheduledShare: 0.9, zone: 'UTC', ...declared }
  for (const name of ['perMinute', 'perDay', 'perMonth', 'scheduledShare'] as const) {
    const limit = limits[name]
    if (limit !== undefined && !(limit > 0))
      throw new TypeError(`${where}.${name}: expected a positive number, got ${limit}`)
  }
  if (limits.scheduledShare > 1)
    throw new TypeError(`${where}.scheduledShare: expected at most 1, got ${limits.scheduledShare}`)
  expectWholeNumber(`${where}.concurrency`, limits.concurrency)
  expectWholeNumber(`${where}.burst`, limits.burst)
  if (limits.burst > Math.max(1, limits.perMinute))
    throw new TypeError(
      `${where}.burst: expected at most perMinute, ${limits.perMinute}; got ${limits.burst}`,
    )
  checkedZone(limits.zone)
  return limits
}

function checkedUsage(where: string, declared: UsageSpec): UsagePolicy {
  rejectUnknownKeys(where, declared, ['header', 'limit', 'share'])
  const { header, limit, share = 0.8 } = declared
  expectMatch(`${where}.header`, header, /^[a-z][a-z0-9-]*$/, 'the name of a header in lower case')
  expectWholeNumber(`${where}.limit`, limit)
  if (!(share > 0 && share <= 1))
    throw new TypeError(`${where}.share: expected a share above 0 and at most 1, got ${share}`)
  return { header, limit, share }
}

function checkedBreaker(where: string, declared: BreakerSpec): BreakerPolicy {
  rejectUnknownKeys(where, declared, ['failures', 'coolDown'])
  const { failures = 3, coolDown = '5 minutes' } = declared
  expectWholeNumber(`${where}.failures`, failures)
  return { failures, coolDownMs: milliseconds(coolDown) }
}

/** What an answer means, decided before any schema looks at its body. */
export type Classified =
  | { readonly class: 'ok'; readonly body: object }
  | { readonly class: 'failed'; readonly error: RefreshError }
