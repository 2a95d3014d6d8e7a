import * as z from 'zod/mini'
import type { Job } from '#shared/declare/job.ts'
import type { Overrides } from '#shared/domain/records/control.ts'
import { jsonResponse } from './answer.ts'
import { bodyMember, parseBody, textMember } from './body.ts'
import { updateControl } from './change-control.ts'
import { controlView } from './control-view.ts'
import { expectKey } from './job-keys.ts'
import { jobOfPath } from './named.ts'
import type { OperationHandler } from './operation.ts'
import { expectOnlyParameters } from './query.ts'
import { HttpError } from './refused.ts'
import { triggerAfterChange } from './run-anew.ts'
import { isSettings, MAX_SETTING_LENGTH, parseSettings } from './settings-of.ts'
import { publishControl } from './tell.ts'
import { intervalOverride } from './thinned.ts'

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
