import { checkZone } from './schedule-checks.ts'
import type { SettingsTable } from './settings.ts'
import type {
  BreakerSpec,
  EscalationPolicy,
  EscalationSpec,
  Limits,
  UpstreamSecret,
  UpstreamSpec,
  UsageSpec,
} from './upstream-spec.ts'
import {
  DeclarationError,
  evaluateMember,
  expectMatch,
  expectWholeNumber,
  KEBAB,
  rejectUnknownKeys,
} from './validation.ts'

/* The checks of declared providers. As those of jobs, bundles leave them out (`infra/bundle/declaration-stub.ts`). */

const SPEC_KEYS = [
  'name',
  'title',
  'settings',
  'baseUrls',
  'isOperatorAddress',
  'secret',
  'off',
  'limits',
  'usage',
  'breaker',
  'escalation',
  'hasPersonalData',
  'attemptTimeout',
  'maxAttempts',
  'accept',
  'requestIdHeader',
  'maxBytes',
  'endpointMaxBytes',
  'attribution',
  'classify',
]

const LIMIT_KEYS = ['perMinute', 'burst', 'concurrency', 'perDay', 'perMonth', 'scheduledShare', 'zone']

const HEADER_NAME = /^[a-z][a-z0-9-]*$/
const HEADER = 'the name of a header in lower case'

/** A body has to fit into the memory of a run together with others. */
const MAX_MAX_BYTES = 16 * 1024 * 1024

/**
 * Checks the members of a provider's declaration that do not depend on its settings.
 *
 * @throws {DeclarationError} naming the member, for an unknown key or an illegal value
 */
export function checkUpstreamSpec<S extends SettingsTable>(where: string, spec: UpstreamSpec<S>): void {
  rejectUnknownKeys(where, spec, SPEC_KEYS)
  expectMatch(`${where}.name`, spec.name, KEBAB, 'a short kebab-case name')
  expectMatch(`${where}.attribution.text`, spec.attribution.text, /\S/, 'the text that the provider requires')
  if (spec.maxAttempts !== undefined) expectWholeNumber(`${where}.maxAttempts`, spec.maxAttempts)
  if (spec.accept !== undefined)
    expectMatch(`${where}.accept`, spec.accept, /^[\w*+./;=, -]+$/, 'media types')
  if (spec.requestIdHeader !== undefined)
    expectMatch(`${where}.requestIdHeader`, spec.requestIdHeader, HEADER_NAME, HEADER)
  checkBytes(`${where}.maxBytes`, spec.maxBytes)
  for (const [path, bytes] of Object.entries(spec.endpointMaxBytes ?? {})) {
    expectMatch(`${where}.endpointMaxBytes: path`, path, /^\//, 'a path that begins with /')
    checkBytes(`${where}.endpointMaxBytes[${JSON.stringify(path)}]`, bytes)
  }
  if (spec.usage) checkUsage(`${where}.usage`, spec.usage)
  if (spec.breaker) checkBreaker(`${where}.breaker`, spec.breaker)
}

/** Checks that a provider can be resolved with the defaults of its settings. */
export function checkByDefault(resolve: () => unknown): void {
  resolve()
}

/**
 * Checks a provider's limits, which its settings may change.
 *
 * @throws {DeclarationError} naming the member
 */
export function checkLimits(where: string, limits: Limits): void {
  rejectUnknownKeys(where, limits, LIMIT_KEYS)
  for (const name of ['perMinute', 'perDay', 'perMonth', 'scheduledShare'] as const) {
    const limit = limits[name]
    if (limit !== undefined && !(limit > 0))
      throw new DeclarationError(`${where}.${name}: expected a positive number, got ${limit}`)
  }
  if (limits.scheduledShare > 1)
    throw new DeclarationError(`${where}.scheduledShare: expected at most 1, got ${limits.scheduledShare}`)
  expectWholeNumber(`${where}.concurrency`, limits.concurrency)
  expectWholeNumber(`${where}.burst`, limits.burst)
  if (limits.burst > Math.max(1, limits.perMinute))
    throw new DeclarationError(
      `${where}.burst: expected at most perMinute, ${limits.perMinute}; got ${limits.burst}`,
    )
  evaluateMember(`${where}.zone`, () => checkZone(limits.zone))
}

/**
 * Checks how a provider's key is sent.
 *
 * @throws {DeclarationError} naming the member, for a key that is sent in no way or in two
 */
export function checkSecret(where: string, secret: UpstreamSecret): void {
  rejectUnknownKeys(where, secret, ['parameter', 'header', 'scheme', 'extraHeaders', 'query'])
  const { header, query, scheme, extraHeaders } = secret
  if ((header === undefined) === (query === undefined))
    throw new DeclarationError(`${where}: expected either a header or a query parameter`)
  if (header !== undefined) expectMatch(`${where}.header`, header, HEADER_NAME, HEADER)
  else expectMatch(`${where}.query`, query, /^[\w-]+$/, 'the name of a query parameter')
  if (extraHeaders !== undefined && header === undefined)
    throw new DeclarationError(`${where}.extraHeaders: expected only with a header`)
  if (scheme === undefined) return
  if (header === undefined) throw new DeclarationError(`${where}.scheme: expected only with a header`)
  expectMatch(`${where}.scheme`, scheme, /^[A-Za-z][A-Za-z0-9-]*$/, 'the name of a scheme such as Bearer')
}

/**
 * Checks when failures of single items become a matter of the provider.
 *
 * @throws {DeclarationError} naming the member, for an unknown key, a bad number, or a longest cool-down below the first
 */
export function checkEscalation(where: string, spec: EscalationSpec, policy: EscalationPolicy): void {
  rejectUnknownKeys(where, spec, ['failures', 'coolDown', 'maxCoolDown'])
  expectWholeNumber(`${where}.failures`, spec.failures)
  if (policy.maxCoolDownMs < policy.coolDownMs)
    throw new DeclarationError(
      `${where}.maxCoolDown: expected at least coolDown, ${spec.coolDown}; got ${spec.maxCoolDown}`,
    )
}

function checkBytes(where: string, bytes: number): void {
  expectWholeNumber(where, bytes)
  if (bytes > MAX_MAX_BYTES)
    throw new DeclarationError(`${where}: expected at most ${MAX_MAX_BYTES} bytes, got ${bytes}`)
}

function checkUsage(where: string, usage: UsageSpec): void {
  rejectUnknownKeys(where, usage, ['header', 'limit', 'share'])
  const { header, limit, share = 1 } = usage
  expectMatch(`${where}.header`, header, HEADER_NAME, HEADER)
  expectWholeNumber(`${where}.limit`, limit)
  if (!(share > 0 && share <= 1))
    throw new DeclarationError(`${where}.share: expected a share above 0 and at most 1, got ${share}`)
}

function checkBreaker(where: string, breaker: BreakerSpec): void {
  rejectUnknownKeys(where, breaker, ['failures', 'coolDown'])
  if (breaker.failures !== undefined) expectWholeNumber(`${where}.failures`, breaker.failures)
}
