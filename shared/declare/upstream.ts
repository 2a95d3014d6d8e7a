import { defined } from '#shared/domain/defined.ts'
import { type Duration, milliseconds } from '#shared/domain/duration.ts'
import type { RefreshError } from '#shared/domain/errors.ts'
import type { HttpResponse } from '#shared/domain/ports/http.ts'
import { parseBaseUrls } from './base-urls.ts'
import { type SettingsTable, type SettingTexts, type SettingValues, settingValues } from './settings.ts'
import {
  checkByDefault,
  checkEscalation,
  checkLimits,
  checkSecret,
  checkUpstreamSpec,
} from './upstream-checks.ts'
import { evaluateMember } from './validation.ts'

/** The provider's limits over all jobs and retries together. An absent member: no such limit is known. */
interface UpstreamLimits {
  /** Calls in any 60 seconds. */
  readonly perMinute: number
  /** Calls that may start at once after a quiet period; 1 by default. */
  readonly burst?: number
  readonly concurrency: number
  readonly perDay?: number
  readonly perMonth?: number
  /** Share of the daily or monthly quota for scheduled runs, the rest is for operators; 0.9 by default. */
  readonly scheduledShare?: number
  /** Time zone in whose midnight the provider's day begins; UTC by default. */
  readonly zone?: string
}

/** The circuit breaker of a provider. */
export interface BreakerSpec {
  /** Consecutive failed runs that open it; 3 by default. */
  readonly failures?: number
  /** How long it stays open before one run probes the provider; 5 minutes by default. */
  readonly coolDown?: Duration
}

/**
 * When failures of single items become a matter of the provider: those that `classify` marks with `escalates`, in a row
 * over all runs. A successful answer ends the row; other failures neither count nor end it.
 */
export interface EscalationSpec {
  /** Failures in a row that start a cool-down. */
  readonly failures: number
  /** Length of the first one. */
  readonly coolDown: Duration
  /** Each further one is twice as long as the one before, up to this length. */
  readonly maxCoolDown: Duration
}

/** A response header in which the provider reports the usage of the current minute by all calls from our address. */
export interface UsageSpec {
  /** Name of the header in lower case. */
  readonly header: string
  /** Allowed usage per minute, in the unit of the header. */
  readonly limit: number
  /** At this share of the limit, calls pause until the provider's next minute; 0.8 by default. */
  readonly share?: number
}

/**
 * An API key that every call carries: its SSM parameter, and the header or the query parameter that has its value. A
 * query parameter only where the provider accepts no header, because URLs are logged more often than headers. A `scheme`
 * stands before the key in its header. With `extraHeaders`, the parameter may also hold
 * `{"token": "...", "headers": {"name": "value"}}`: the key, and further headers that are sent as they are.
 *
 * @example { parameter: '/freshet/alpha-vantage', query: 'apikey' }
 * @example { parameter: '/freshet/summaries', header: 'authorization', scheme: 'Bearer' }
 */
export type UpstreamSecret =
  | {
      readonly parameter: string
      readonly header: string
      readonly scheme?: string
      readonly extraHeaders?: true
      readonly query?: undefined
    }
  | {
      readonly parameter: string
      readonly query: string
      readonly header?: undefined
      readonly scheme?: undefined
      readonly extraHeaders?: undefined
    }

/** One provider, as it is declared. */
export interface UpstreamSpec<S extends SettingsTable> {
  readonly name: string
  readonly title: string
  readonly settings: S
  /** In order of preference; the setting `FRESHET_UPSTREAM_<NAME>_URL` replaces them. */
  readonly baseUrls: (settings: SettingValues<S>) => readonly string[]
  /**
   * Whether its base URLs are addresses that the operator sets, as those of the setting above: they may then be private,
   * and plain HTTP on this machine. False by default.
   */
  readonly isOperatorAddress?: boolean
  readonly secret?: (settings: SettingValues<S>) => UpstreamSecret | undefined
  /**
   * Why the provider may not be called, if so: its terms are not accepted, or it has no key. No run makes a call to it
   * then, and runs that need it end `skipped(not-configured)`.
   */
  readonly off?: (settings: SettingValues<S>) => string | undefined
  readonly limits: (settings: SettingValues<S>) => UpstreamLimits
  readonly usage?: UsageSpec
  readonly breaker?: BreakerSpec
  /** Without it, `escalates` has no effect. */
  readonly escalation?: EscalationSpec
  /**
   * Whether its bodies hold personal data: no error, record or log line has any part of a body then, and rejected bodies are
   * not kept. The messages that `classify` and the jobs write themselves must not quote values. False by default.
   */
  readonly hasPersonalData?: true
  /** Limit of one call, from connecting to the end of the body. */
  readonly attemptTimeout: Duration
  /** Most attempts of a call, for a provider that refuses quick repetitions; by default as many as the job allows. */
  readonly maxAttempts?: number
  /** The `Accept` header of a call; `application/json` by default. */
  readonly accept?: string
  /** A header with which every call gets a fresh UUID, such as `x-request-id`; none by default. */
  readonly requestIdHeader?: string
  /** Largest body in bytes, after decompression: near what the provider really sends, at most 16 MiB. */
  readonly maxBytes: number
  /** Largest bodies of endpoints that send more or less than the others, by path. */
  readonly endpointMaxBytes?: Readonly<Record<string, number>>
  /** The attribution that the provider's terms require. */
  readonly attribution: { readonly text: string; readonly url: string }
  /** Decides what a response means: status 200 is not success. `now` is milliseconds since the epoch. */
  readonly classify: (answer: HttpResponse, now: number) => Classified
}

export interface UpstreamDeclaration {
  readonly name: string
  readonly settings: SettingsTable
  readonly spec: UpstreamSpec<SettingsTable>
}

/** The provider's limits with the defaults filled in. */
export type Limits = UpstreamLimits & Required<Pick<UpstreamLimits, 'burst' | 'scheduledShare' | 'zone'>>

export type UsagePolicy = Required<UsageSpec>

export interface BreakerPolicy {
  readonly failures: number
  readonly coolDownMs: number
}

export interface EscalationPolicy {
  readonly failures: number
  readonly coolDownMs: number
  readonly maxCoolDownMs: number
}

/** A provider with its settings applied. */
export interface Upstream {
  readonly name: string
  readonly title: string
  readonly baseUrls: readonly URL[]
  /** Origins that may have a private or loopback address, because the settings name them. */
  readonly trustedOrigins: readonly string[]
  readonly secret?: UpstreamSecret
  /** Why the provider may not be called; absent when it may. */
  readonly off?: string
  readonly limits: Limits
  readonly usage?: UsagePolicy
  readonly breaker: BreakerPolicy
  readonly escalation?: EscalationPolicy
  readonly hasPersonalData: boolean
  readonly attemptTimeoutMs: number
  readonly maxAttempts?: number
  readonly accept: string
  readonly requestIdHeader?: string
  readonly maxBytes: number
  readonly endpointMaxBytes?: Readonly<Record<string, number>>
  readonly attribution: { readonly text: string; readonly url: string }
  readonly classify: (answer: HttpResponse, now: number) => Classified
}

/**
 * Declares a provider, checked with the defaults of its settings.
 *
 * @throws {DeclarationError} naming the upstream and the member
 */
export function defineUpstream<const S extends SettingsTable>(spec: UpstreamSpec<S>): UpstreamDeclaration {
  const where = `upstream ${JSON.stringify(spec.name)}`
  return evaluateMember(where, () => {
    checkUpstreamSpec(where, spec)
    const declaration: UpstreamDeclaration = Object.freeze({
      name: spec.name,
      settings: spec.settings,
      // The compiler has checked the settings that the functions use; the type of a list of declarations cannot express it.
      spec: Object.freeze(spec) as unknown as UpstreamSpec<SettingsTable>,
    })
    checkByDefault(() => resolveUpstream(declaration, {}))
    return declaration
  })
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
export function resolveUpstream({ name, spec }: UpstreamDeclaration, texts: SettingTexts): Upstream {
  const where = `upstream ${JSON.stringify(name)}`
  const settings = settingValues(spec.settings, texts)
  const override = texts[baseUrlSetting(name)]
  const baseUrls =
    override === undefined
      ? spec.baseUrls(settings).map((text) => new URL(text))
      : parseBaseUrls(baseUrlSetting(name), override)
  const limits = { burst: 1, scheduledShare: 0.9, zone: 'UTC', ...spec.limits(settings) }
  checkLimits(`${where}.limits`, limits)
  const secret = spec.secret?.(settings)
  if (secret) checkSecret(`${where}.secret`, secret)
  const { failures = 3, coolDown = '5 minutes' } = spec.breaker ?? {}
  return Object.freeze({
    name,
    title: spec.title,
    baseUrls,
    trustedOrigins:
      override === undefined && !spec.isOperatorAddress ? [] : baseUrls.map((url) => url.origin),
    limits,
    breaker: {
      failures,
      coolDownMs: evaluateMember(`${where}.breaker.coolDown`, () => milliseconds(coolDown)),
    },
    attemptTimeoutMs: evaluateMember(`${where}.attemptTimeout`, () => milliseconds(spec.attemptTimeout)),
    hasPersonalData: spec.hasPersonalData ?? false,
    accept: spec.accept ?? 'application/json',
    maxBytes: spec.maxBytes,
    attribution: spec.attribution,
    classify: spec.classify,
    ...defined({
      endpointMaxBytes: spec.endpointMaxBytes,
      maxAttempts: spec.maxAttempts,
      requestIdHeader: spec.requestIdHeader,
      escalation: spec.escalation && escalationPolicy(`${where}.escalation`, spec.escalation),
      secret,
      off: spec.off?.(settings),
      usage: spec.usage && { share: 0.8, ...spec.usage },
    }),
  })
}

function escalationPolicy(where: string, spec: EscalationSpec): EscalationPolicy {
  const length = (name: 'coolDown' | 'maxCoolDown') =>
    evaluateMember(`${where}.${name}`, () => milliseconds(spec[name]))
  const policy = {
    failures: spec.failures,
    coolDownMs: length('coolDown'),
    maxCoolDownMs: length('maxCoolDown'),
  }
  checkEscalation(where, spec, policy)
  return policy
}

/** Largest body of a call to a path, in bytes. */
export function bodyLimit(
  { maxBytes, endpointMaxBytes = {} }: Pick<Upstream, 'maxBytes' | 'endpointMaxBytes'>,
  path: string,
): number {
  return Object.hasOwn(endpointMaxBytes, path) ? (endpointMaxBytes[path] ?? maxBytes) : maxBytes
}

/** What a response means; decided before a schema parses its body. */
export type Classified =
  | { readonly kind: 'ok'; readonly body: object }
  | { readonly kind: 'failed'; readonly error: RefreshError }
