import type { Job } from '#shared/declare/job.ts'
import type { Upstream } from '#shared/declare/upstream.ts'
import type { RefreshError } from '#shared/domain/errors.ts'
import type { Log } from '#shared/domain/ports/log.ts'
import type { CoolDown, UpstreamState, UsageCoolDown } from '#shared/domain/records/upstream-state.ts'
import type { StateChange } from './change.ts'
import { coolDownAfter, withCoolDown } from './cool-down.ts'
import { withUsageCoolDown } from './full-minute.ts'

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
