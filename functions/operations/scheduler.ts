import * as z from 'zod/mini'
import type { Job } from '#shared/declare/job.ts'
import { freshness } from '#shared/domain/freshness.ts'
import { freeRunId } from '#shared/domain/ids.ts'
import type { Overrides } from '#shared/domain/records/control.ts'
import { FOR_EVER, isInitial } from '#shared/engine/initial-pause.ts'
import { jobUnder } from '#shared/engine/override.ts'
import { askForRun } from './ask-for-run.ts'
import { bodyOf, member } from './body.ts'
import { changeControl, type Decided } from './change-control.ts'
import { inEnvelope } from './in-envelope.ts'
import { expectListed, listedSymbols } from './listed-symbols.ts'
import type { Call } from './operation.ts'
import { expectOnly } from './query.ts'
import { recorded } from './recorded.ts'
import { Refused } from './refused.ts'
import { tell } from './tell.ts'
import { thinned } from './thinned.ts'
import { usualInterval } from './usual-interval.ts'

const MINUTE_MS = 60_000
const INTERVALS = [5, 10, 15, 20, 30, 60]
const MOST_SYMBOLS = 200

const schema = z.strictObject({
  symbols: z.optional(z.unknown()),
  interval_minutes: z.optional(z.unknown()),
})

const nothing = z.strictObject({
  reason: z.optional(member<string>((one) => typeof one === 'string', 'text')),
})

/**
 * Starts a job's schedule, in the documented shape: ends a pause, holds an interval and a list of symbols in place of
 * the declaration, and asks for one run now. Said again with the same values, it changes nothing.
 */
export const startSchedule = inEnvelope(async (job, call) => {
  const { request, ports } = call
  expectOnly(request.query, [])
  const said = bodyOf(request, schema)
  const everyMs = intervalOf(said.interval_minutes, usualInterval(job, request.at))
  const symbols = symbolsOf(said.symbols)
  if (job.off !== undefined)
    throw new Refused({ status: 409, message: 'scheduler is disabled by configuration' })
  const planned = call.system.jobs.find(({ id }) => id === job.inputs[0])
  const listed = planned && (await listedSymbols(planned, call.ports))
  if (symbols !== undefined) expectListed('symbols', symbols, listed ?? notListedYet())
  const wanted = overridesOf(job, everyMs, symbols, request.at)
  let isChanged = false
  const control = await changeControl(call, job, 'start', (held) => {
    isChanged = !isSame(held, wanted, request.at)
    const { pause: _ended, overrides: before, ...others } = held
    const overrides = { ...wanted, ...(before?.settings ? { settings: before.settings } : {}) }
    if (!isChanged) return undefined
    return { ...others, ...(Object.keys(overrides).length === 0 ? {} : { overrides }) }
  })
  await tell(job, control, call)
  if (isChanged) {
    const what = { interval_minutes: everyMs / MINUTE_MS, symbols: symbols?.length ?? null }
    ports.log.info('Scheduler started', { job: job.id, actor: request.actor, ...what })
    const runId = freeRunId(job.id, ports.clock.now(), ports.random)
    const change = { action: 'trigger', subject: `job:${job.id}`, after: { run_id: runId } }
    await recorded(call, change, () => askForRun(runId, { job }, ports))
  }
  const refreshed = symbols ?? listed?.active ?? []
  return {
    status: isChanged ? 'started' : 'running',
    symbols_count: refreshed.length,
    interval_minutes: everyMs / MINUTE_MS,
    cache_stats: await cacheStats(jobUnder(wanted, job), refreshed, call),
  }
})

/** Stops a job's schedule until it is started again; a run that is under way finishes. */
export const stopSchedule = inEnvelope(async (job, call) => {
  expectOnly(call.request.query, [])
  const { reason = 'scheduler stopped' } = bodyOf(call.request, nothing)
  const { actor } = call.request
  let isChanged = false
  const control = await changeControl(call, job, 'stop', (held) => {
    isChanged = held.pause?.until !== FOR_EVER || isInitial(held.pause)
    return isChanged ? { ...held, pause: { until: FOR_EVER, reason, by: actor } } : undefined
  })
  await tell(job, control, call)
  if (isChanged) call.ports.log.info('Scheduler stopped', { job: job.id, actor, reason })
  return { status: 'stopped' }
})

/** One that the schedule can be thinned out to; its own where none is said. */
function intervalOf(said: unknown, usualMs: number): number {
  if (said === undefined || said === null) return usualMs
  const possible = INTERVALS.filter((minutes) => (minutes * MINUTE_MS) % usualMs === 0)
  if (typeof said === 'number' && possible.includes(said)) return said * MINUTE_MS
  const message = `interval_minutes must be one of ${possible.join(', ')}`
  throw new Refused({ status: 400, message })
}

function symbolsOf(said: unknown): readonly string[] | undefined {
  if (said === undefined || said === null) return undefined
  const isList = Array.isArray(said) && said.length >= 1 && said.length <= MOST_SYMBOLS
  const isTold = isList && said.every((one) => typeof one === 'string' && one.trim() !== '')
  if (isTold) return [...new Set((said as string[]).map((one) => one.trim().toUpperCase()))]
  throw new Refused({ status: 400, message: `symbols must be 1 to ${MOST_SYMBOLS} symbols` })
}

function notListedYet(): never {
  throw new Refused({ status: 503, message: 'symbols are not known yet', headers: { 'retry-after': '60' } })
}

/** What is to hold in place of the declaration; nothing where that says the same. */
function overridesOf(
  job: Job,
  everyMs: number,
  items: readonly string[] | undefined,
  now: number,
): Overrides | undefined {
  const isThinned = everyMs !== usualInterval(job, now)
  if (!isThinned && items === undefined) return undefined
  return {
    ...(isThinned ? { ...thinned(job, `${everyMs / MINUTE_MS} minutes`, now), since: now } : {}),
    ...(items === undefined ? {} : { items }),
  }
}

/** Whether the schedule runs already, as is asked for. */
function isSame({ pause, overrides }: Decided, wanted: Overrides | undefined, now: number): boolean {
  if (pause && pause.until > now) return false
  return overrides?.everyMs === wanted?.everyMs && inOrder(overrides?.items) === inOrder(wanted?.items)
}

/** Symbols in whatever order are the same work. */
function inOrder(symbols: readonly string[] | undefined): string | undefined {
  return symbols?.toSorted().join(' ')
}

async function cacheStats(job: Job, symbols: readonly string[], { ports }: Call) {
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
