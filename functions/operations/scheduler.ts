import * as z from 'zod/mini'
import type { Job } from '#shared/declare/job.ts'
import { MINUTE_MS } from '#shared/domain/duration.ts'
import { freshness } from '#shared/domain/freshness.ts'
import { freeRunId } from '#shared/domain/ids.ts'
import { isInitialPause, NO_END, type Overrides } from '#shared/domain/records/control.ts'
import { applyOverrides } from '#shared/engine/model/overrides.ts'
import { withAudit } from './audit.ts'
import { type ControlState, publishControl, updateControl } from './control.ts'
import type { OperationContext } from './http/operation.ts'
import { bodyMember, expectOnlyParameters, parseBody } from './http/request.ts'
import { HttpError, inEnvelope } from './http/response.ts'
import { intervalOverride, typicalInterval } from './overrides.ts'
import { requestRun } from './run-requests.ts'
import { expectListed, loadListedSymbols } from './symbols.ts'

const ALLOWED_MINUTES = [5, 10, 15, 20, 30, 60]
const MAX_SYMBOLS = 200

const startBody = z.strictObject({
  symbols: z.optional(z.unknown()),
  interval_minutes: z.optional(z.unknown()),
})

const stopBody = z.strictObject({
  reason: z.optional(bodyMember<string>((one) => typeof one === 'string', 'text')),
})

/**
 * Starts a job's schedule, in the documented shape: ends a pause, holds an interval and a list of symbols in place of
 * the declaration, and asks for one run now. Said again with the same values, it changes nothing.
 */
export const startSchedule = inEnvelope(async (job, call) => {
  const { request, ports } = call
  expectOnlyParameters(request.query, [])
  const said = parseBody(request, startBody)
  const everyMs = parseInterval(said.interval_minutes, typicalInterval(job, request.at))
  const symbols = parseSymbols(said.symbols)
  if (job.off !== undefined)
    throw new HttpError({ status: 409, message: 'scheduler is disabled by configuration' })
  const planned = call.system.jobs.find(({ id }) => id === job.inputs[0])
  const listed = planned && (await loadListedSymbols(planned, call.ports))
  if (symbols !== undefined) expectListed('symbols', symbols, listed ?? throwNotPublished())
  const wanted = overridesOf(job, everyMs, symbols, request.at)
  let isChanged = false
  const control = await updateControl(call, job, 'start', (held) => {
    isChanged = !isUnchanged(held, wanted, request.at)
    const { pause: _ended, overrides: before, ...others } = held
    const overrides = { ...wanted, ...(before?.settings ? { settings: before.settings } : {}) }
    if (!isChanged) return undefined
    return { ...others, ...(Object.keys(overrides).length === 0 ? {} : { overrides }) }
  })
  await publishControl(job, control, call)
  if (isChanged) {
    const what = { interval_minutes: everyMs / MINUTE_MS, symbols: symbols?.length ?? null }
    ports.log.info('Scheduler started', { job: job.id, actor: request.actor, ...what })
    const runId = freeRunId(job.id, ports.clock.now(), ports.random)
    const change = { action: 'trigger', subject: `job:${job.id}`, after: { run_id: runId } }
    await withAudit(call, change, () => requestRun(runId, { job }, ports))
  }
  const refreshed = symbols ?? listed?.active ?? []
  return {
    status: isChanged ? 'started' : 'running',
    symbols_count: refreshed.length,
    interval_minutes: everyMs / MINUTE_MS,
    cache_stats: await cacheStats(applyOverrides(wanted, job), refreshed, call),
  }
})

/** Stops a job's schedule until it is started again; a run that is under way finishes. */
export const stopSchedule = inEnvelope(async (job, call) => {
  expectOnlyParameters(call.request.query, [])
  const { reason = 'scheduler stopped' } = parseBody(call.request, stopBody)
  const { actor } = call.request
  let isChanged = false
  const control = await updateControl(call, job, 'stop', (held) => {
    isChanged = held.pause?.until !== NO_END || isInitialPause(held.pause)
    return isChanged ? { ...held, pause: { until: NO_END, reason, by: actor } } : undefined
  })
  await publishControl(job, control, call)
  if (isChanged) call.ports.log.info('Scheduler stopped', { job: job.id, actor, reason })
  return { status: 'stopped' }
})

/** One that the schedule can be thinned out to; its own where none is said. */
function parseInterval(said: unknown, usualMs: number): number {
  if (said === undefined || said === null) return usualMs
  const possible = ALLOWED_MINUTES.filter((minutes) => (minutes * MINUTE_MS) % usualMs === 0)
  if (typeof said === 'number' && possible.includes(said)) return said * MINUTE_MS
  const message = `interval_minutes must be one of ${possible.join(', ')}`
  throw new HttpError({ status: 400, message })
}

function parseSymbols(said: unknown): readonly string[] | undefined {
  if (said === undefined || said === null) return undefined
  const isList = Array.isArray(said) && said.length >= 1 && said.length <= MAX_SYMBOLS
  const isTold = isList && said.every((one) => typeof one === 'string' && one.trim() !== '')
  if (isTold) return [...new Set((said as string[]).map((one) => one.trim().toUpperCase()))]
  throw new HttpError({ status: 400, message: `symbols must be 1 to ${MAX_SYMBOLS} symbols` })
}

function throwNotPublished(): never {
  throw new HttpError({ status: 503, message: 'symbols are not known yet', headers: { 'retry-after': '60' } })
}

/** What is to hold in place of the declaration; nothing where that says the same. */
function overridesOf(
  job: Job,
  everyMs: number,
  items: readonly string[] | undefined,
  now: number,
): Overrides | undefined {
  const isThinned = everyMs !== typicalInterval(job, now)
  if (!isThinned && items === undefined) return undefined
  return {
    ...(isThinned ? { ...intervalOverride(job, `${everyMs / MINUTE_MS} minutes`, now), decidedAt: now } : {}),
    ...(items === undefined ? {} : { items }),
  }
}

/** Whether the schedule runs already, as is asked for. */
function isUnchanged(
  { pause, overrides }: ControlState,
  wanted: Overrides | undefined,
  now: number,
): boolean {
  if (pause && pause.until > now) return false
  return (
    overrides?.intervalMs === wanted?.intervalMs && sortedText(overrides?.items) === sortedText(wanted?.items)
  )
}

/** Symbols in whatever order are the same work. */
function sortedText(symbols: readonly string[] | undefined): string | undefined {
  return symbols?.toSorted().join(' ')
}

async function cacheStats(job: Job, symbols: readonly string[], { ports }: OperationContext) {
  const stored = await ports.store.items.getMany(job.id, symbols)
  const now = ports.clock.now()
  const ttlMs = job.freshness.freshForMs
  return {
    available: true,
    cached_symbols: [...stored.values()].filter((item) => freshness(item, now) !== 'gone').length,
    cache_ttl_seconds: ttlMs / 1_000,
    cache_ttl_minutes: ttlMs / MINUTE_MS,
  }
}
