import { defined } from '#shared/domain/defined.ts'
import { milliseconds } from '#shared/domain/duration.ts'
import type { HttpResponse } from '#shared/domain/ports/http.ts'
import { parseBaseUrls } from './base-urls.ts'
import { type SettingsTable, type SettingTexts, settingValues } from './settings.ts'
import {
  checkByDefault,
  checkEscalation,
  checkLimits,
  checkSecret,
  checkUpstreamSpec,
} from './upstream-checks.ts'
import type {
  Classified,
  EscalationPolicy,
  EscalationSpec,
  Limits,
  UpstreamSecret,
  UpstreamSpec,
  UsageSpec,
} from './upstream-spec.ts'
import { evaluateMember } from './validation.ts'

export interface UpstreamDeclaration {
  readonly name: string
  readonly settings: SettingsTable
  readonly spec: UpstreamSpec<SettingsTable>
}

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
