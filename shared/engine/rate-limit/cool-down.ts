import type { Job } from '#shared/declare/job.ts'
import type { Upstream, UsagePolicy } from '#shared/declare/upstream.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import type { FailReason, RefreshError } from '#shared/domain/errors.ts'
import type { HttpResponse } from '#shared/domain/ports/http.ts'
import type { Log } from '#shared/domain/ports/log.ts'
import type { CoolDown, UpstreamState, UsageCoolDown } from '#shared/domain/records/upstream-state.ts'
import { SKEW_MS } from './pacing.ts'
import type { StateChange } from './upstream-update.ts'

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

const USAGE_WINDOW_MS = 60_000

/** What an answer tells of the provider's own count of its running minute. */
export interface Usage {
  readonly used: number
  /** From the declared share of the limit on: until when nobody is to call. */
  readonly coolDown?: UsageCoolDown
}

/**
 * Reads the provider's own count out of an answer; `undefined` where none is declared, or the answer has none that can
 * be read. It is of the minute in which the call was made: when the answer comes in a later one, that is past already.
 *
 * @param madeAt - when the call was made; milliseconds since the epoch
 */
export function usageOf(
  headers: HttpResponse['headers'],
  policy: UsagePolicy | undefined,
  madeAt: number,
): Usage | undefined {
  const text = policy && headers[policy.header]
  if (!policy || text === undefined || !/^\d{1,15}$/.test(text)) return undefined
  const used = Number(text)
  if (used < policy.share * policy.limit) return { used }
  // the provider's clock may be behind ours
  const until = (Math.floor(madeAt / USAGE_WINDOW_MS) + 1) * USAGE_WINDOW_MS + SKEW_MS
  return { used, coolDown: { until, used } }
}

/** The full minute that binds everybody now, if there is one. */
export function activeUsageCoolDown(
  { usageCoolDown }: Pick<UpstreamState, 'usageCoolDown'>,
  now: number,
): UsageCoolDown | undefined {
  return usageCoolDown && usageCoolDown.until > now ? usageCoolDown : undefined
}

/** The state with a full minute in it; `undefined` when it knows of that one, or a later one, already. */
export function withUsageCoolDown(
  state: UpstreamState,
  usageCoolDown: UsageCoolDown,
): UpstreamState | undefined {
  if (state.usageCoolDown && state.usageCoolDown.until >= usageCoolDown.until) return undefined
  return { ...state, usageCoolDown }
}

/** When one run knows that nobody may call: what it has met itself, and what it has heard that others met. */
export interface CoolDownTracker {
  /** The provider has said no. */
  addCoolDown(coolDown: CoolDown): void
  /** The provider's minute is nearly used up. @returns whether that is news */
  addUsageCoolDown(fullMinute: UsageCoolDown): boolean
  /** What the table knows. */
  mergeState(state: UpstreamState): void
  /** Whether nobody may call right now. */
  isBlocked(now: number): boolean
  /** The state with what this run knows and the table may not. */
  applyTo(stored: UpstreamState): UpstreamState
}

/** @param secretVersion - of the secret that the run's calls carry: the refusal of another one does not bind it */
export function coolDownTracker(
  secretVersion: string | undefined,
  clock: { now(): number },
): CoolDownTracker {
  let coolDown: CoolDown | undefined
  let fullMinute: UsageCoolDown | undefined

  const addCoolDown = (met: CoolDown) => {
    if (!coolDown || coolDown.until < met.until) coolDown = met
  }
  const addUsageCoolDown = (met: UsageCoolDown) => {
    if (fullMinute && fullMinute.until >= met.until) return false
    fullMinute = met
    return true
  }

  return {
    addCoolDown,
    addUsageCoolDown,

    mergeState(state) {
      const now = clock.now()
      const [wait, minute] = [activeCoolDown(state, secretVersion, now), activeUsageCoolDown(state, now)]
      if (wait) addCoolDown(wait)
      if (minute) addUsageCoolDown(minute)
    },

    isBlocked: (now) => [coolDown, fullMinute].some((wait) => wait !== undefined && wait.until > now),

    applyTo(stored) {
      const cooled = (coolDown && withCoolDown(stored, coolDown)) ?? stored
      return (fullMinute && withUsageCoolDown(cooled, fullMinute)) ?? cooled
    },
  }
}

interface SharedCoolDownOptions {
  readonly job: Pick<Job, 'id'>
  readonly upstream: Pick<Upstream, 'name'>
  readonly log: Pick<Log, 'warn' | 'error'>
  /** Changes what is known of the provider. */
  readonly change: <R>(decide: (stored: UpstreamState, now: number) => StateChange<R>) => Promise<R>
}

/** Waits that one run met and all runs keep; where one cannot be stored, it holds for that run. */
export function sharedCoolDowns({ job, upstream, log, change }: SharedCoolDownOptions) {
  return { fill, cool }

  /** The provider's minute is nearly used up. */
  async function fill(minute: UsageCoolDown): Promise<void> {
    try {
      await change((stored) => {
        const state = withUsageCoolDown(stored, minute)
        return state ? { state } : {}
      })
    } catch (error) {
      const what = { job: job.id, upstream: upstream.name, until: minute.until, error }
      log.warn('That the minute of an upstream is used up could not be stored', what)
    }
  }

  /** The provider is left alone: the wait that now holds. */
  async function cool(
    chosen: CoolDown,
    error: RefreshError,
    secretVersion: string | undefined,
  ): Promise<{ readonly until: number }> {
    try {
      return await change((state, now) => {
        const coolDown = coolDownAfter(error, state.coolDown, secretVersion, now) ?? chosen
        const next = withCoolDown(state, coolDown)
        return next
          ? { state: next, until: coolDown.until }
          : { until: state.coolDown?.until ?? coolDown.until }
      })
    } catch (failure) {
      const what = { job: job.id, upstream: upstream.name, until: chosen.until, error: failure }
      log.error('A wait that the upstream asked for could not be stored', what)
      return chosen
    }
  }
}
