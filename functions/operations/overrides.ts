import * as z from 'zod/mini'
import type { Job } from '#shared/declare/job.ts'
import { occurrences } from '#shared/declare/occurrences.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { type DurationText, durationText, milliseconds } from '#shared/domain/duration.ts'
import type { Overrides } from '#shared/domain/records/control.ts'
import { minFreshMs } from '#shared/engine/model/overrides.ts'
import { controlView, publishControl, updateControl } from './control.ts'
import type { OperationHandler } from './http/operation.ts'
import { bodyMember, expectOnlyParameters, jobOfPath, parseBody, textMember } from './http/request.ts'
import { HttpError, jsonResponse, shown } from './http/response.ts'
import { expectKey } from './keys.ts'
import { triggerAfterChange } from './run-requests.ts'

const MAX_SETTING_LENGTH = 8_192

const MAX_ITEMS = 1_000

const overrideBody = z.strictObject({
  every: z.optional(textMember('a duration such as "30 minutes",', 40)),
  items: z.optional(
    bodyMember<readonly string[]>(isKeyList, `a list of 1 to ${MAX_ITEMS} different keys as text`),
  ),
  settings: z.optional(
    bodyMember<Readonly<Record<string, string>>>(
      isSettings,
      `an object of settings, each as text of at most ${MAX_SETTING_LENGTH} characters`,
    ),
  ),
})

/**
 * Replaces what holds in place of a job's declaration; an empty object clears it. An invalid one changes nothing. What
 * is stored was made under other settings, where those change: one run is asked for then.
 */
export const override: OperationHandler = async (call) => {
  const job = jobOfPath(call)
  const { request } = call
  expectOnlyParameters(request.query, [])
  const { every, items, settings } = parseBody(request, overrideBody)
  if (every !== undefined) expectOverridable(job, 'interval')
  if (items !== undefined) expectOverridable(job, 'items')
  for (const name of Object.keys(settings ?? {})) expectOverridable(job, name)
  for (const item of items ?? []) if (job.stored === 'items') expectKey(job, item)
  const overrides: Overrides = {
    ...(every === undefined ? {} : { ...intervalOverride(job, every, request.at), decidedAt: request.at }),
    ...(items === undefined ? {} : { items }),
    ...(settings === undefined ? {} : parseSettings(job, settings)),
  }
  const isCleared = Object.keys(overrides).length === 0
  let isOfSettings = settings !== undefined
  const control = await updateControl(call, job, 'override', ({ overrides: held, ...others }) => {
    isOfSettings = settings !== undefined || held?.settings !== undefined
    if (!isCleared) return { ...others, overrides }
    return held && others
  })
  await publishControl(job, control, call)
  const view = { job: job.id, control: controlView(control, request.at) }
  return jsonResponse(
    200,
    isOfSettings ? { ...view, run_id: (await triggerAfterChange(job, call)) ?? null } : view,
  )
}

function expectOverridable({ id, overridable, overridableSettings }: Job, what: string): void {
  const known = [...overridable, ...Object.keys(overridableSettings)]
  if (known.includes(what)) return
  const allowed = known.length === 0 ? 'nothing' : known.join(' and ')
  throw new HttpError({
    status: 409,
    message: `The declaration of ${id} lets ${allowed} be overridden at run time, not the ${what}`,
  })
}

function isKeyList(value: unknown): boolean {
  if (!Array.isArray(value) || value.length < 1 || value.length > MAX_ITEMS) return false
  const isText = value.every(
    (one) => typeof one === 'string' && one !== '' && one.length <= 256 && one.isWellFormed(),
  )
  return isText && new Set(value).size === value.length
}

/** Far more than a list of two hundred symbols needs; what is decided for a job is one record. */
export const MAX_MESSAGE_LENGTH = 500

/** Whether a member of a body holds settings as the environment would: texts by name. */
export function isSettings(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every(
    (text) => typeof text === 'string' && text.length <= MAX_SETTING_LENGTH && text.isWellFormed(),
  )
}

/**
 * Settings that are to hold in place of the configuration; nothing where none is said. Each is read as that of the
 * environment would be.
 *
 * @param nameOf - what whoever asks calls a setting
 * @throws {HttpError} 400 with expected and got
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

const MAX_INTERVAL_MS = 366 * 86_400_000

/**
 * An override of a job's interval, from a duration as text. It leaves ticks out; a schedule cannot tick at other times
 * than it does.
 *
 * @throws {HttpError} 400 for what is no duration, no multiple of the schedule's own interval, or too long
 */
export function intervalOverride(
  job: Job,
  every: string,
  now: number,
): Pick<Overrides, 'intervalMs' | 'toleranceMs'> {
  const refused = (what: string) =>
    new HttpError({ status: 400, message: `every: expected ${what}, got ${shown(every)}` })
  const intervalMs = parseDuration(every)
  if (!clockOf(job.schedule)) throw refused(`a job that has a schedule; ${job.id} runs on demand`)
  if (intervalMs === undefined) throw refused('a duration such as "30 minutes" or "2 hours"')
  const interval = typicalInterval(job, now)
  if (intervalMs < interval || intervalMs % interval !== 0) {
    throw refused(
      `a multiple of ${durationText(interval)}, the schedule's own interval, because an override leaves ticks out ` +
        'and cannot make a schedule tick more often or at another time',
    )
  }
  const longest = job.stored === 'snapshot' ? job.freshness.serveStaleForMs : MAX_INTERVAL_MS
  const over = minFreshMs(intervalMs, job) - longest
  if (over <= 0) return { intervalMs, toleranceMs: interval / 2 }
  const why = job.stored === 'snapshot' ? ', for which the members of the set can be served' : ''
  throw refused(`at most ${durationText(intervalMs - over)}${why}`)
}

function parseDuration(every: string): number | undefined {
  try {
    return milliseconds(every as DurationText)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

/** Enough ticks to tell how far they usually are apart. */
const SAMPLE_TICKS = 50

/**
 * The most common distance between the next ticks, in milliseconds: a change of clocks makes one of them longer or
 * shorter. Of a job that runs on demand, the time between two runs that readers may ask for.
 */
export function typicalInterval(job: Pick<Job, 'schedule' | 'freshness'>, now: number): number {
  const schedule = clockOf(job.schedule)
  if (!schedule) return job.freshness.freshForMs
  const ticks = occurrences(schedule, { after: now, limit: SAMPLE_TICKS })
  const gaps = ticks.slice(1).map((tick, index) => tick - (ticks[index] ?? tick))
  const groups = [...Map.groupBy(gaps, (gap) => gap).values()].sort((a, b) => b.length - a.length)
  return groups[0]?.[0] ?? Number.POSITIVE_INFINITY
}
