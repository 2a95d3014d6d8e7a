import * as z from 'zod/mini'
import type { Job } from '#shared/declare/job.ts'
import { occurrences } from '#shared/declare/occurrences.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { defined } from '#shared/domain/defined.ts'
import { DAY_MS, type DurationText, durationText, milliseconds } from '#shared/domain/duration.ts'
import type { Overrides } from '#shared/domain/records/control.ts'
import { shown } from '#shared/domain/text.ts'
import { minFreshMs } from '#shared/engine/model/overrides.ts'
import { expectKey } from '../data/keys.ts'
import type { OperationHandler } from '../http/operation.ts'
import {
  bodyMember,
  expectOnlyParameters,
  jobOfPath,
  parseOperationBody,
  reasonMember,
  textMember,
} from '../http/request.ts'
import { HttpError, jsonResponse } from '../http/response.ts'
import { triggerAfterChange } from '../runs/run-requests.ts'
import { controlView, publishControl, updateControl } from './control.ts'

const MAX_SETTING_LENGTH = 8_192

const MAX_ITEMS = 1_000

const overrideBody = z.strictObject({
  every: z.optional(textMember('a duration such as "30 minutes",', 40)),
  items: z.optional(
    bodyMember<readonly string[]>(isKeyList, `a list of 1 to ${MAX_ITEMS} different keys as text`),
  ),
  reason: z.optional(reasonMember),
  settings: z.optional(
    bodyMember<Readonly<Record<string, string>>>(
      isSettings,
      `an object of settings, each as text of at most ${MAX_SETTING_LENGTH} characters`,
    ),
  ),
})

/**
 * Replaces the overrides of a job; an empty object clears them, an invalid one changes nothing. A change of settings
 * requests one run, because the stored data were fetched under other settings.
 */
export const override: OperationHandler = async (call) => {
  const job = jobOfPath(call)
  const { request } = call
  expectOnlyParameters(request.query, [])
  const body = parseOperationBody(request, overrideBody)
  const overrides = parseOverrides(job, body, request.at)
  let affectsSettings = body.settings !== undefined
  const control = await updateControl(call, job, {
    action: 'override',
    reason: body.reason,
    message: overridesMessage(body),
    decide: ({ overrides: current, ...rest }) => {
      affectsSettings = body.settings !== undefined || current?.settings !== undefined
      if (overrides) return { ...rest, overrides }
      return current && rest
    },
  })
  await publishControl(job, control, call)
  const response = { job: job.id, control: controlView(control, request.at) }
  return jsonResponse(
    200,
    affectsSettings ? { ...response, run_id: (await triggerAfterChange(job, call)) ?? null } : response,
  )
}

type OverrideBody = z.infer<typeof overrideBody>

/** The overrides of a body; `undefined` for an empty one. @throws {HttpError} 400 or 409 for an illegal override */
function parseOverrides(job: Job, body: OverrideBody, now: number): Overrides | undefined {
  const { every, items, settings } = body
  if (every !== undefined) expectOverridable(job, 'interval')
  if (items !== undefined) expectOverridable(job, 'items')
  for (const name of Object.keys(settings ?? {})) expectOverridable(job, name)
  for (const item of items ?? []) if (job.stored === 'items') expectKey(job, item)
  const overrides: Overrides = {
    ...(every === undefined ? {} : intervalOverride(job, every, now)),
    ...defined({ items }),
    ...parseSettings(job, settings ?? {}),
  }
  return Object.keys(overrides).length === 0 ? undefined : overrides
}

/** The log message of an override; without the values of settings. */
function overridesMessage({ every, items, settings }: OverrideBody): string {
  const names = Object.keys(settings ?? {})
  const parts = [
    every !== undefined && `interval ${every}`,
    items !== undefined && `${items.length} ${items.length === 1 ? 'item' : 'items'}`,
    names.length > 0 && `settings ${names.join(', ')}`,
  ].filter((part) => part !== false)
  return parts.length === 0 ? 'Overrides cleared' : `Overrides replaced: ${parts.join('; ')}`
}

function expectOverridable({ id, overridable, overridableSettings }: Job, name: string): void {
  const names = [...overridable, ...Object.keys(overridableSettings)]
  if (names.includes(name)) return
  const allowed = names.length === 0 ? 'nothing' : names.join(' and ')
  throw new HttpError({
    status: 409,
    message: `The declaration of ${id} lets ${allowed} be overridden at run time, not the ${name}`,
  })
}

function isKeyList(value: unknown): boolean {
  if (!Array.isArray(value) || value.length < 1 || value.length > MAX_ITEMS) return false
  const isText = value.every(
    (key) => typeof key === 'string' && key !== '' && key.length <= 256 && key.isWellFormed(),
  )
  return isText && new Set(value).size === value.length
}

const MAX_MESSAGE_LENGTH = 500

/** Whether a member of a body is an object of settings: texts by name, as in the environment. */
function isSettings(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every(
    (text) => typeof text === 'string' && text.length <= MAX_SETTING_LENGTH && text.isWellFormed(),
  )
}

/**
 * Overrides of settings, each parsed as if it were in the environment; without `settings` if there are none.
 *
 * @param nameOf - the name of a setting in the request, for error messages
 * @throws {HttpError} 400 with the member, the expected and the actual value
 */
export function parseSettings(
  { overridableSettings }: Job,
  settings: Readonly<Record<string, string>>,
  nameOf: (setting: string) => string = (setting) => `settings.${setting}`,
): Pick<Overrides, 'settings'> {
  for (const [name, text] of Object.entries(settings)) {
    try {
      overridableSettings[name]?.parse(text)
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      const message = `${nameOf(name)}: ${error.message}`.slice(0, MAX_MESSAGE_LENGTH)
      throw new HttpError({ status: 400, message }, { cause: error })
    }
  }
  return Object.keys(settings).length === 0 ? {} : { settings }
}

const MAX_INTERVAL_MS = 366 * DAY_MS

/**
 * An override of a job's interval, from a duration as text. It makes the schedule skip ticks; it cannot add ticks or move
 * them.
 *
 * @throws {HttpError} 400 for a text that is no duration, for one that is no multiple of the schedule's own interval or
 *   too long, and for a job that runs on demand
 */
export function intervalOverride(
  job: Job,
  every: string,
  now: number,
): Required<Pick<Overrides, 'intervalMs' | 'toleranceMs' | 'decidedAt'>> {
  const invalid = (expected: string) =>
    new HttpError({ status: 400, message: `every: expected ${expected}, got ${shown(every)}` })
  const intervalMs = parseDuration(every)
  if (!clockOf(job.schedule)) throw invalid(`a job that has a schedule; ${job.id} runs on demand`)
  if (intervalMs === undefined) throw invalid('a duration such as "30 minutes" or "2 hours"')
  const ownMs = typicalInterval(job, now)
  if (intervalMs < ownMs || intervalMs % ownMs !== 0) {
    throw invalid(
      `a multiple of ${durationText(ownMs)}, the schedule's own interval, because an override skips ticks ` +
        'and cannot make a schedule tick more often or at another time',
    )
  }
  const maxFreshMs = job.stored === 'snapshot' ? job.freshness.serveStaleForMs : MAX_INTERVAL_MS
  const excessMs = minFreshMs(intervalMs, job) - maxFreshMs
  if (excessMs <= 0) return { intervalMs, toleranceMs: ownMs / 2, decidedAt: now }
  const reason = job.stored === 'snapshot' ? ', for which the members of the set can be served' : ''
  throw invalid(`at most ${durationText(intervalMs - excessMs)}${reason}`)
}

function parseDuration(every: string): number | undefined {
  try {
    return milliseconds(every as DurationText)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

const SAMPLE_TICKS = 50

/**
 * The most common distance between the next ticks, in milliseconds: a clock change makes one of them longer or shorter.
 * For a job that runs on demand, the shortest time between two runs that readers can request.
 */
export function typicalInterval(job: Pick<Job, 'schedule' | 'freshness'>, now: number): number {
  const schedule = clockOf(job.schedule)
  if (!schedule) return job.freshness.freshForMs
  const ticks = occurrences(schedule, { after: now, limit: SAMPLE_TICKS })
  const gaps = ticks.slice(1).map((tick, index) => tick - (ticks[index] ?? tick))
  const groups = [...Map.groupBy(gaps, (gap) => gap).values()].sort((a, b) => b.length - a.length)
  return groups[0]?.[0] ?? Number.POSITIVE_INFINITY
}
