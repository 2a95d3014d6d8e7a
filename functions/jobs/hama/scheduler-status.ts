import type { Job } from '#shared/declare/job.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import { pausedUntil } from '#shared/domain/records/control.ts'
import type { JobState, PublicControl } from '#shared/domain/records/job-state.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import { isLeftOutByInterval, minFreshMs } from '#shared/engine/model/overrides.ts'
import type { View, ViewContext } from '#shared/read/view.ts'
import { uncachedResponse } from './answers.ts'
import { loadUniverse } from './universe.ts'

const MINUTE_MS = 60_000

/** Whether symbols are analysed on a schedule, how often, how the last run ended and when the next one begins. */
export const schedulerStatus: View = async ({ now }, look) => {
  const { job } = look
  const [state, universe] = await Promise.all([look.state(), loadUniverse(look)])
  const { control: told } = state
  const active = told?.itemKeys ?? universe?.active ?? []
  const stored = await look.items(active)
  const isRunning = job.off === undefined && (pausedUntil(job, told) ?? 0) <= now
  const ttlMs = freshMs(job, told)
  const isAvailable = [...stored.values()].every(({ isFallback }) => !isFallback)
  return uncachedResponse(
    {
      running: isRunning,
      symbols_count: told?.itemCount ?? active.length,
      interval_minutes: intervalMs(job, told) / MINUTE_MS,
      cache_stats: {
        available: isAvailable,
        cached_symbols: stored.size,
        cache_ttl_seconds: ttlMs / 1_000,
        cache_ttl_minutes: ttlMs / MINUTE_MS,
      },
      last_run: await lastRun(state, look),
      next_run_at: isRunning ? nextRun(job, state, now) : null,
    },
    now,
    !isAvailable,
  )
}

/** For how long an analysis is fresh, under an override of the interval if there is one. */
export function freshMs(job: Job, told: PublicControl | undefined): number {
  const { freshForMs } = job.freshness
  return told?.intervalMs === undefined ? freshForMs : Math.max(freshForMs, minFreshMs(told.intervalMs, job))
}

/** What is said between two runs, under an override or as declared. */
function intervalMs({ settings }: Job, told: PublicControl | undefined): number {
  return told?.intervalMs ?? Number(settings['HAMA_SCHEDULER_INTERVAL']) * MINUTE_MS
}

async function lastRun({ lastRun: last }: JobState, look: ViewContext): Promise<JsonValue> {
  const run = last && (await look.run(last.id))
  if (!run) return null
  const { planned = 0, failed = 0 } = run.counts ?? {}
  return { started_at: isoSeconds(run.startedAt), status: run.status, success: planned - failed, failed }
}

/** The next tick, or under an override that leaves it out the first one of the next interval. */
function nextRun(job: Job, state: JobState, now: number): string {
  const { intervalMs: everyMs } = state.control ?? {}
  const declaredMs = intervalMs(job, undefined)
  const next = tickFrom(now + 1, declaredMs)
  if (everyMs === undefined || !isLeftOutByInterval(next, state, { intervalMs: everyMs }))
    return isoSeconds(next)
  return isoSeconds(tickFrom((Math.floor(next / everyMs) + 1) * everyMs, declaredMs))
}

/** The first tick at or after a time: the intervals divide an hour, so that ticks are multiples of them, a minute late. */
function tickFrom(time: number, declaredMs: number): number {
  return Math.ceil((time - MINUTE_MS) / declaredMs) * declaredMs + MINUTE_MS
}
