import type { FailReason, RefreshError } from '#shared/domain/errors.ts'
import type { CoolDown, UpstreamState } from '#shared/domain/records/upstream-state.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** No wait of our own choosing grows beyond. */
const MAX_BACKOFF_MS = HOUR_MS

/** How long a provider is left alone that says no to everything, where neither it nor its rules say. */
const BACKOFF_MS: Partial<Record<FailReason, number>> = {
  'rate-limited': 15 * MINUTE_MS,
  refused: 15 * MINUTE_MS,
  auth: HOUR_MS,
  'forbidden-region': 6 * HOUR_MS,
}

/**
 * The wait that follows from a failure; `undefined` when there is none. Stated by the provider, else chosen: twice as
 * long as the last one when that ended less than its own length ago, up to an hour. An allowance that is used up comes
 * back at the next UTC midnight.
 */
export function coolDownAfter(
  error: RefreshError,
  last: CoolDown | undefined,
  secretVersion: string | undefined,
  now: number,
): CoolDown | undefined {
  const { reason, scope, retryAfterMs } = error
  const version = reason === 'auth' && secretVersion !== undefined ? { secretVersion } : {}
  if (retryAfterMs !== undefined) return { until: now + retryAfterMs, reason, ...version }
  if (scope !== 'provider') return undefined
  if (reason === 'quota-exhausted') return { until: Math.floor(now / DAY_MS + 1) * DAY_MS, reason }
  const usual = error.coolDownMs ?? BACKOFF_MS[reason]
  if (usual === undefined) return undefined
  const isRepeated =
    last?.backoffMs !== undefined && last.reason === reason && now < last.until + last.backoffMs
  const doubled = isRepeated ? Math.min((last.backoffMs ?? usual) * 2, MAX_BACKOFF_MS) : usual
  const backoffMs = Math.max(usual, doubled)
  return { until: now + backoffMs, reason, backoffMs, ...version }
}

/** The state with a wait in it; it only ever moves forward. */
export function withCoolDown(state: UpstreamState, coolDown: CoolDown): UpstreamState | undefined {
  if (state.coolDown && state.coolDown.until >= coolDown.until) return undefined
  return { ...state, coolDown }
}

/** The wait that binds a run; a newer version of a refused secret is not bound by it. */
export function activeCoolDown(
  { coolDown }: UpstreamState,
  secretVersion: string | undefined,
  now: number,
): CoolDown | undefined {
  if (!coolDown || coolDown.until <= now) return undefined
  const isRenewed =
    coolDown.secretVersion !== undefined &&
    secretVersion !== undefined &&
    coolDown.secretVersion !== secretVersion
  return isRenewed ? undefined : coolDown
}
