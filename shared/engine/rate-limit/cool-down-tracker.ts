import type { EscalationPolicy } from '#shared/declare/upstream-spec.ts'
import { defined } from '#shared/domain/defined.ts'
import type { RefreshError } from '#shared/domain/errors.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { Log } from '#shared/domain/ports/log.ts'
import type {
  CoolDown,
  Escalation,
  UpstreamState,
  UsageCoolDown,
} from '#shared/domain/records/upstream-state.ts'
import {
  activeCoolDown,
  activeUsageCoolDown,
  coolDownAfter,
  withCoolDown,
  withUsageCoolDown,
} from './cool-down.ts'
import { countFailures, withoutFailures } from './escalation.ts'
import type { StateChange } from './upstream-update.ts'

/** A call is made without reading the stored state again if it was read at most this long ago. */
const STATE_MAX_AGE_MS = 1_000

interface CoolDownTrackerOptions {
  /** The run: its own probe of the circuit breaker does not block it. */
  readonly owner: string
  /** Version of the secret that the run's calls send: the refusal of another version does not apply to the run. */
  readonly secretVersion: string | undefined
  readonly clock: Pick<Clock, 'now'>
  readonly log: Pick<Log, 'warn' | 'error'>
  readonly logFields: Readonly<Record<string, string>>
  /** Reads the stored state of the provider. */
  readonly read: () => Promise<UpstreamState>
  /** Changes the stored state of the provider. */
  readonly update: <R>(decide: (stored: UpstreamState, now: number) => StateChange<R>) => Promise<R>
}

/**
 * The cool-downs that apply to one run: those that its own calls caused, and those that other runs stored. One that
 * cannot be stored still applies to this run.
 */
export class CoolDownTracker {
  readonly #options: CoolDownTrackerOptions
  #coolDown: CoolDown | undefined
  #usageCoolDown: UsageCoolDown | undefined
  #stateReadAt = Number.NEGATIVE_INFINITY
  /** The row of failures as it was read or written last. */
  #escalation: Escalation | undefined
  /** Failures of this run that could not be stored. */
  #unstoredFailures = 0

  constructor(options: CoolDownTrackerOptions) {
    this.#options = options
  }

  addCoolDown(coolDown: CoolDown): void {
    if (!this.#coolDown || this.#coolDown.until < coolDown.until) this.#coolDown = coolDown
  }

  /** @returns whether it ends later than the known one */
  addUsageCoolDown(usageCoolDown: UsageCoolDown): boolean {
    if (this.#usageCoolDown && this.#usageCoolDown.until >= usageCoolDown.until) return false
    this.#usageCoolDown = usageCoolDown
    return true
  }

  /** Adds the cool-downs of the stored state. */
  mergeState(state: UpstreamState, now: number): void {
    const coolDown = activeCoolDown(state, this.#options.secretVersion, now)
    const usageCoolDown = activeUsageCoolDown(state, now)
    if (coolDown) this.addCoolDown(coolDown)
    if (usageCoolDown) this.addUsageCoolDown(usageCoolDown)
    this.#escalation = state.escalation
  }

  /** Notes that the stored state, just merged, allows calls. */
  markRead(): void {
    this.#stateReadAt = this.#options.clock.now()
  }

  /** Whether no call may be made now. Reads the stored state when it is old; one that cannot be read blocks the call. */
  async isBlocked(): Promise<boolean> {
    const { owner, clock, log, logFields, read } = this.#options
    if (this.#isCoolingDown()) return true
    if (clock.now() - this.#stateReadAt <= STATE_MAX_AGE_MS) return false
    try {
      const state = await read()
      this.mergeState(state, clock.now())
      const { openUntil, probe } = state.breaker
      if ((openUntil !== undefined && probe?.owner !== owner) || this.#isCoolingDown()) return true
      this.markRead()
      return false
    } catch (error) {
      log.warn('The state of an upstream cannot be read', { ...logFields, error })
      return true
    }
  }

  /** The stored state with the cool-downs that this run could not store. */
  applyTo(stored: UpstreamState): UpstreamState {
    const state = (this.#coolDown && withCoolDown(stored, this.#coolDown)) ?? stored
    return (this.#usageCoolDown && withUsageCoolDown(state, this.#usageCoolDown)) ?? state
  }

  /**
   * Stores the cool-down that a failure demands, for all runs.
   *
   * @param coolDown - the cool-down of this run, computed without the stored state
   * @returns the end of the cool-down that now applies
   */
  async storeCoolDown(
    coolDown: CoolDown,
    error: RefreshError,
    secretVersion: string | undefined,
  ): Promise<number> {
    const { log, logFields, update } = this.#options
    try {
      const { until } = await update((state, now) => {
        const next = coolDownAfter(error, state.coolDown, secretVersion, now) ?? coolDown
        const changed = withCoolDown(state, next)
        return changed
          ? { state: changed, until: next.until }
          : { until: state.coolDown?.until ?? next.until }
      })
      return until
    } catch (failure) {
      const fields = { ...logFields, until: coolDown.until, error: failure }
      log.error('The cool-down of an upstream could not be stored', fields)
      return coolDown.until
    }
  }

  /**
   * Counts a failure that escalates, for all runs. One that cannot be stored is counted with the next one, and may start a
   * cool-down of this run.
   *
   * @returns the cool-down that follows, if one does
   */
  async countFailure(failure: RefreshError, policy: EscalationPolicy): Promise<CoolDown | undefined> {
    const { clock, log, logFields, update } = this.#options
    const count = this.#unstoredFailures + 1
    this.#unstoredFailures = 0
    try {
      const { after, coolDown } = await update((stored, now) => {
        const { change, ...counted } = countFailures(stored, count, failure, policy, now)
        const after = { ...stored, ...change }
        return { ...counted, after, ...defined({ state: change && after }) }
      })
      this.#escalation = after.escalation
      return coolDown
    } catch (error) {
      log.error('A failure that escalates could not be stored', { ...logFields, error })
      this.#unstoredFailures += count
      const state = defined({ escalation: this.#escalation })
      return countFailures(state, this.#unstoredFailures, failure, policy, clock.now()).coolDown
    }
  }

  /** Ends the row of failures after a successful answer. Without one, nothing is written. */
  async endFailures(): Promise<void> {
    const { log, logFields, update } = this.#options
    this.#unstoredFailures = 0
    if (this.#escalation === undefined) return
    this.#escalation = undefined
    try {
      await update((stored) => defined({ state: withoutFailures(stored) }))
    } catch (error) {
      log.warn('The end of a row of failures could not be stored', { ...logFields, error })
    }
  }

  /** Stores, for all runs, that the provider's current minute is nearly used up. */
  async storeUsageCoolDown(usageCoolDown: UsageCoolDown): Promise<void> {
    const { log, logFields, update } = this.#options
    try {
      await update((stored) => {
        const state = withUsageCoolDown(stored, usageCoolDown)
        return state ? { state } : {}
      })
    } catch (error) {
      const fields = { ...logFields, until: usageCoolDown.until, error }
      log.warn('The usage cool-down of an upstream could not be stored', fields)
    }
  }

  #isCoolingDown(): boolean {
    const now = this.#options.clock.now()
    return [this.#coolDown, this.#usageCoolDown].some((coolDown) => coolDown && coolDown.until > now)
  }
}
