import type { Job } from '#shared/declare/job.ts'
import { MINUTE_MS } from '#shared/domain/duration.ts'
import { freshness } from '#shared/domain/freshness.ts'
import { runIdOfTask } from '#shared/domain/ids.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import { pausedUntil } from '#shared/domain/records/control.ts'
import type { JobState, PublicControl } from '#shared/domain/records/job-state.ts'
import { isPollable, taskEndedAt, taskState } from '#shared/domain/records/run-record.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import { isSkippedByInterval, minFreshMs } from '#shared/engine/model/overrides.ts'
import { notAvailable, type View, type ViewContext } from '#shared/read/view.ts'
import { failure, uncachedResponse } from './responses.ts'
import { loadUniverse } from './symbols.ts'

/** Whether the schedule runs, its interval, how the last run ended and when the next one starts. */
export const schedulerStatus: View = async ({ now }, context) => {
  const { job } = context
  const [state, universe] = await Promise.all([context.state(), loadUniverse(context)])
  const { control } = state
  const active = control?.itemKeys ?? universe?.active ?? []
  const stored = await context.items(active)
  const isRunning = job.off === undefined && (pausedUntil(job, control) ?? 0) <= now
  const ttlMs = freshMs(job, control)
  const isAvailable = [...stored.values()].every(({ isFallback }) => !isFallback)
  return uncachedResponse(
    {
      running: isRunning,
      symbols_count: control?.itemCount ?? active.length,
      interval_minutes: intervalMs(job, control) / MINUTE_MS,
      cache_stats: {
        available: isAvailable,
        cached_symbols: stored.size,
        cache_ttl_seconds: ttlMs / 1_000,
        cache_ttl_minutes: ttlMs / MINUTE_MS,
      },
      last_run: await lastRun(state, context),
      next_run_at: isRunning ? nextRun(job, state, now) : null,
    },
    now,
    !isAvailable,
  )
}

/** How long an analysis is fresh, with an override of the interval applied. */
function freshMs(job: Job, control: PublicControl | undefined): number {
  const { freshForMs } = job.freshness
  return control?.intervalMs === undefined
    ? freshForMs
    : Math.max(freshForMs, minFreshMs(control.intervalMs, job))
}

/** The interval between runs: the override, or the declared one. */
function intervalMs({ settings }: Job, control: PublicControl | undefined): number {
  return control?.intervalMs ?? Number(settings['HAMA_SCHEDULER_INTERVAL']) * MINUTE_MS
}

async function lastRun({ lastRun: last }: JobState, context: ViewContext): Promise<JsonValue> {
  const run = last && (await context.run(last.id))
  if (!run) return null
  const { planned = 0, failed = 0 } = run.counts ?? {}
  return { started_at: isoSeconds(run.startedAt), status: run.status, success: planned - failed, failed }
}

/** The next tick, or the first tick of the next interval if an override leaves that one out. */
function nextRun(job: Job, state: JobState, now: number): string {
  const overrideMs = state.control?.intervalMs
  const declaredMs = intervalMs(job, undefined)
  const next = tickFrom(now + 1, declaredMs)
  if (overrideMs === undefined || !isSkippedByInterval(next, state, { intervalMs: overrideMs }))
    return isoSeconds(next)
  return isoSeconds(tickFrom((Math.floor(next / overrideMs) + 1) * overrideMs, declaredMs))
}

/** The first tick at or after a time. Each interval divides an hour: ticks are its multiples plus one minute. */
function tickFrom(time: number, declaredMs: number): number {
  return Math.ceil((time - MINUTE_MS) / declaredMs) * declaredMs + MINUTE_MS
}

/** The stored analyses of the active symbols and their age. */
export const cacheStats: View = async ({ now }, context) => {
  const universe = await loadUniverse(context)
  if (!universe) return notAvailable(context.job)
  const state = await context.state()
  const { control } = state
  const active = control?.itemKeys ?? universe.active
  const [stored, lastErrors] = await Promise.all([
    context.items(active),
    readLastErrors(state, active, context),
  ])
  const items = [...stored.values()].map(({ representation }) => representation)
  const fetchTimes = items.map(({ fetchedAt }) => fetchedAt)
  const fallbacks = [...stored.values()].filter(({ isFallback }) => isFallback).length
  return uncachedResponse(
    {
      cache_type: fallbacks > 0 ? 'memory' : 'dynamodb',
      cached_symbols: stored.size,
      cache_duration_minutes: freshMs(context.job, control) / MINUTE_MS,
      symbols: active.filter((symbol) => stored.has(symbol)),
      memory_cache_fallback: fallbacks,
      stale_symbols: items.filter((item) => freshness(item, now) === 'stale').length,
      oldest_cache: fetchTimes.length === 0 ? null : isoSeconds(Math.min(...fetchTimes)),
      newest_cache: fetchTimes.length === 0 ? null : isoSeconds(Math.max(...fetchTimes)),
      last_error: lastErrors,
    },
    now,
    fallbacks > 0,
  )
}

/** The first page of a task's result, as far as these views read it. */
interface TaskResult {
  readonly failed: readonly { readonly key: string; readonly reason: string }[]
}

/** The errors of the active symbols that failed in the last run of the schedule: each keeps its record and its age. */
async function readLastErrors(
  { lastRun: last }: JobState,
  active: readonly string[],
  context: ViewContext,
): Promise<{ readonly [symbol: string]: { readonly class: string; readonly at: string } }> {
  const run = last && (await context.run(last.id))
  const pages = run?.task?.pages ?? 0
  const page = run && pages > 0 ? ((await context.page(run.id, 0)) as TaskResult | undefined) : undefined
  const at = isoSeconds(run?.endedAt ?? 0)
  const isActive = new Set(active)
  const failed = page?.failed.filter(({ key }) => isActive.has(key)) ?? []
  return Object.fromEntries(failed.map(({ key, reason }) => [key, { class: reason, at }]))
}

/** The state of a preload: `pending`, `running` or its final state, with the symbols that failed. */
export const taskStatus: View = async ({ parameters, now }, context) => {
  const id = parameters['task_id'] ?? ''
  const runId = runIdOfTask(id, context.job)
  const run = runId === undefined ? undefined : await context.run(runId)
  if (!run?.task || !isPollable(run, now)) return failure(404, 'unknown task')
  const { symbols } = JSON.parse(run.task.params) as { readonly symbols: readonly string[] | null }
  const state = taskState(run, now)
  // a timeout holds from the deadline on, its counts are stored later: with them, the task would end twice (I8)
  const hasResult = state !== 'TIMED_OUT'
  const counts = hasResult ? run.counts : undefined
  const endedAt = taskEndedAt(run, now)
  const result =
    hasResult && run.task.pages ? ((await context.page(run.id, 0)) as TaskResult | undefined) : undefined
  return uncachedResponse(
    {
      task_id: id,
      status: state.toLowerCase(),
      total: symbols?.length ?? counts?.planned ?? null,
      success: counts ? counts.planned - counts.failed : 0,
      failed: counts?.failed ?? 0,
      failed_symbols: result?.failed.map(({ key }) => key) ?? [],
      duration: endedAt === undefined ? null : (endedAt - run.startedAt) / 1_000,
    },
    now,
    false,
  )
}
