import type { Job } from '#shared/declare/job.ts'
import { MINUTE_MS } from '#shared/domain/duration.ts'
import { freshness } from '#shared/domain/freshness.ts'
import { runOfTask } from '#shared/domain/ids.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import { pausedUntil } from '#shared/domain/records/control.ts'
import type { JobState, PublicControl } from '#shared/domain/records/job-state.ts'
import { isPollable, taskEndedAt, taskState } from '#shared/domain/records/run-record.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import { isLeftOutByInterval, minFreshMs } from '#shared/engine/model/overrides.ts'
import { notAvailable, type View, type ViewContext } from '#shared/read/view.ts'
import { failure, uncachedResponse } from './responses.ts'
import { loadUniverse } from './symbols.ts'

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

/** What is stored of the symbols that are analysed, and how old it is. */
export const cacheStats: View = async ({ now }, look) => {
  const universe = await loadUniverse(look)
  if (!universe) return notAvailable(look.job)
  const { control: told } = await look.state()
  const active = told?.itemKeys ?? universe.active
  const stored = await look.items(active)
  const items = [...stored.values()].map(({ representation }) => representation)
  const fetched = items.map(({ fetchedAt }) => fetchedAt)
  const copies = [...stored.values()].filter(({ isFallback }) => isFallback).length
  return uncachedResponse(
    {
      cache_type: copies > 0 ? 'memory' : 'dynamodb',
      cached_symbols: stored.size,
      cache_duration_minutes: freshMs(look.job, told) / 60_000,
      symbols: active.filter((symbol) => stored.has(symbol)),
      memory_cache_fallback: copies,
      stale_symbols: items.filter((item) => freshness(item, now) === 'stale').length,
      oldest_cache: fetched.length === 0 ? null : isoSeconds(Math.min(...fetched)),
      newest_cache: fetched.length === 0 ? null : isoSeconds(Math.max(...fetched)),
    },
    now,
    copies > 0,
  )
}

/** What the first page of a task's result says. */
interface TaskResult {
  readonly failed: readonly { readonly key: string }[]
}

/** How a preload stands: `pending`, `running`, or how it ended, with the symbols that failed. */
export const taskStatus: View = async ({ parameters, now }, look) => {
  const id = parameters['task_id'] ?? ''
  const runId = runOfTask(id, look.job)
  const run = runId === undefined ? undefined : await look.run(runId)
  if (!run?.task || !isPollable(run, now)) return failure(404, 'unknown task')
  const { symbols } = JSON.parse(run.task.params) as { readonly symbols: readonly string[] | null }
  const { counts } = run
  const endedAt = taskEndedAt(run, now)
  const result = run.task.pages ? ((await look.page(run.id, 0)) as TaskResult | undefined) : undefined
  return uncachedResponse(
    {
      task_id: id,
      status: taskState(run, now).toLowerCase(),
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
