import * as z from 'zod/mini'
import type { Job } from '#shared/declare/job.ts'
import { defined } from '#shared/domain/defined.ts'
import { durationText, MINUTE_MS } from '#shared/domain/duration.ts'
import { freshness } from '#shared/domain/freshness.ts'
import { isInitialPause, NO_END, type Overrides } from '#shared/domain/records/control.ts'
import { applyOverrides } from '#shared/engine/model/overrides.ts'
import type { OperationContext } from '../http/operation.ts'
import { bodyMember, expectOnlyParameters, parseOperationBody } from '../http/request.ts'
import { HttpError, inEnvelope } from '../http/response.ts'
import { requestJobRun } from '../runs/run-requests.ts'
import { type ControlState, publishControl, updateControl } from './control.ts'
import { intervalOverride, typicalInterval } from './overrides.ts'
import { expectListed, type ListedSymbols, loadListedSymbols } from './symbols.ts'

const ALLOWED_MINUTES = [5, 10, 15, 20, 30, 60]
const MAX_SYMBOLS = 200

const startBody = z.strictObject({
  symbols: z.optional(z.unknown()),
  interval_minutes: z.optional(z.unknown()),
})

const stopBody = z.strictObject({
  reason: z.optional(bodyMember<string>((value) => typeof value === 'string', 'text')),
})

/**
 * Starts the schedule of a job: ends a pause, overrides interval and symbols, and requests one run. Repeated with the
 * same values, it changes nothing. Documented path.
 */
export const startSchedule = inEnvelope(async (job, call) => {
  const { request } = call
  expectOnlyParameters(request.query, [])
  const body = parseOperationBody(request, startBody)
  const intervalMs = parseInterval(body.interval_minutes, typicalInterval(job, request.at))
  const symbols = parseSymbols(body.symbols)
  if (job.off !== undefined)
    throw new HttpError({ status: 409, message: 'scheduler is disabled by configuration' })
  const listed = await symbolsOfInput(job, call)
  if (symbols !== undefined) expectListed('symbols', symbols, listed ?? throwNotPublished())
  const overrides = overridesOf(job, intervalMs, symbols, request.at)
  const isChanged = await applyStart(job, overrides, startMessage(intervalMs, symbols), call)
  if (isChanged) await requestJobRun(job, call)
  const refreshed = symbols ?? listed?.active ?? []
  return {
    status: isChanged ? 'started' : 'running',
    symbols_count: refreshed.length,
    interval_minutes: intervalMs / MINUTE_MS,
    cache_stats: await cacheStats(applyOverrides(overrides, job), refreshed, call),
  }
})

/** The symbols that the first input of the job lists. */
async function symbolsOfInput(job: Job, call: OperationContext): Promise<ListedSymbols | undefined> {
  const input = call.system.jobs.find(({ id }) => id === job.inputs[0])
  return input && loadListedSymbols(input, call.ports)
}

function startMessage(intervalMs: number, symbols: readonly string[] | undefined): string {
  const symbolText =
    symbols === undefined
      ? 'all symbols'
      : `${symbols.length} selected ${symbols.length === 1 ? 'symbol' : 'symbols'}`
  return `Schedule started: every ${durationText(intervalMs)}, ${symbolText}`
}

/** Ends the pause and replaces interval and items; overridden settings stay. False if nothing had to change. */
async function applyStart(
  job: Job,
  requested: Overrides | undefined,
  message: string,
  call: OperationContext,
): Promise<boolean> {
  let isChanged = false
  const control = await updateControl(call, job, {
    action: 'start',
    message,
    decide: (current) => {
      isChanged = !isUnchanged(current, requested, call.request.at)
      if (!isChanged) return undefined
      const { pause: _pause, overrides: previous, ...rest } = current
      const overrides = { ...requested, ...defined({ settings: previous?.settings }) }
      return { ...rest, ...(Object.keys(overrides).length === 0 ? {} : { overrides }) }
    },
  })
  await publishControl(job, control, call)
  return isChanged
}

/** Stops the schedule of a job until it is started again; a run in progress finishes. Documented path. */
export const stopSchedule = inEnvelope(async (job, call) => {
  expectOnlyParameters(call.request.query, [])
  const { reason } = parseOperationBody(call.request, stopBody)
  const { actor } = call.request
  const control = await updateControl(call, job, {
    action: 'stop',
    reason,
    message: 'Schedule stopped',
    decide: (current) =>
      current.pause?.until !== NO_END || isInitialPause(current.pause)
        ? { ...current, pause: { until: NO_END, reason: reason ?? 'scheduler stopped', by: actor } }
        : undefined,
  })
  await publishControl(job, control, call)
  return { status: 'stopped' }
})

/** The requested interval in milliseconds, one that an override can set; by default that of the schedule. */
function parseInterval(minutes: unknown, ownMs: number): number {
  if (minutes === undefined || minutes === null) return ownMs
  const allowed = ALLOWED_MINUTES.filter((candidate) => (candidate * MINUTE_MS) % ownMs === 0)
  if (typeof minutes === 'number' && allowed.includes(minutes)) return minutes * MINUTE_MS
  const message = `interval_minutes must be one of ${allowed.join(', ')}`
  throw new HttpError({ status: 400, message })
}

function parseSymbols(value: unknown): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined
  const isList = Array.isArray(value) && value.length >= 1 && value.length <= MAX_SYMBOLS
  const isValid = isList && value.every((symbol) => typeof symbol === 'string' && symbol.trim() !== '')
  if (isValid) return [...new Set((value as string[]).map((symbol) => symbol.trim().toUpperCase()))]
  throw new HttpError({ status: 400, message: `symbols must be 1 to ${MAX_SYMBOLS} symbols` })
}

function throwNotPublished(): never {
  throw new HttpError({ status: 503, message: 'symbols are not known yet', headers: { 'retry-after': '60' } })
}

/** The overrides for an interval and symbols; `undefined` if both are as declared. */
function overridesOf(
  job: Job,
  intervalMs: number,
  items: readonly string[] | undefined,
  now: number,
): Overrides | undefined {
  const hasInterval = intervalMs !== typicalInterval(job, now)
  if (!hasInterval && items === undefined) return undefined
  return {
    ...(hasInterval ? intervalOverride(job, `${intervalMs / MINUTE_MS} minutes`, now) : {}),
    ...defined({ items }),
  }
}

/** Whether the schedule runs with these overrides already. */
function isUnchanged(
  { pause, overrides }: ControlState,
  requested: Overrides | undefined,
  now: number,
): boolean {
  if (pause && pause.until > now) return false
  const hasSameInterval = overrides?.intervalMs === requested?.intervalMs
  return hasSameInterval && sortedText(overrides?.items) === sortedText(requested?.items)
}

/** Symbols as one text that does not depend on their order. */
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
