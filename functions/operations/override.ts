import * as z from 'zod/mini'
import type { Job } from '#shared/declare/job.ts'
import type { Overrides } from '#shared/domain/records/control.ts'
import { answer } from './answer.ts'
import { bodyOf, member, text } from './body.ts'
import { changeControl } from './change-control.ts'
import { controlView } from './control-view.ts'
import { expectKey } from './job-keys.ts'
import { namedJob } from './named.ts'
import type { Operate } from './operation.ts'
import { expectOnly } from './query.ts'
import { Refused } from './refused.ts'
import { runAnew } from './run-anew.ts'
import { isSettings, LONGEST_SETTING, settingsOf } from './settings-of.ts'
import { tell } from './tell.ts'
import { thinned } from './thinned.ts'

const MOST_ITEMS = 1_000

const schema = z.strictObject({
  every: z.optional(text('a duration such as "30 minutes",', 40)),
  items: z.optional(
    member<readonly string[]>(isListOfKeys, `a list of 1 to ${MOST_ITEMS} different keys as text`),
  ),
  settings: z.optional(
    member<Readonly<Record<string, string>>>(
      isSettings,
      `an object of settings, each as text of at most ${LONGEST_SETTING} characters`,
    ),
  ),
})

/**
 * Replaces what holds in place of a job's declaration; an empty object clears it. An invalid one changes nothing. What
 * is stored was made under other settings, where those change: one run is asked for then.
 */
export const override: Operate = async (call) => {
  const job = namedJob(call)
  const { request } = call
  expectOnly(request.query, [])
  const { every, items, settings } = bodyOf(request, schema)
  if (every !== undefined) expectOverridable(job, 'interval')
  if (items !== undefined) expectOverridable(job, 'items')
  for (const name of Object.keys(settings ?? {})) expectOverridable(job, name)
  for (const item of items ?? []) if (job.stored === 'items') expectKey(job, item)
  const overrides: Overrides = {
    ...(every === undefined ? {} : { ...thinned(job, every, request.at), since: request.at }),
    ...(items === undefined ? {} : { items }),
    ...(settings === undefined ? {} : settingsOf(job, settings)),
  }
  const isCleared = Object.keys(overrides).length === 0
  let isOfSettings = settings !== undefined
  const control = await changeControl(call, job, 'override', ({ overrides: held, ...others }) => {
    isOfSettings = settings !== undefined || held?.settings !== undefined
    if (!isCleared) return { ...others, overrides }
    return held && others
  })
  await tell(job, control, call)
  const view = { job: job.id, control: controlView(control, request.at) }
  return answer(200, isOfSettings ? { ...view, run_id: (await runAnew(job, call)) ?? null } : view)
}

function expectOverridable({ id, overridable, overridableSettings }: Job, what: string): void {
  const known = [...overridable, ...Object.keys(overridableSettings)]
  if (known.includes(what)) return
  const allowed = known.length === 0 ? 'nothing' : known.join(' and ')
  throw new Refused({
    status: 409,
    message: `The declaration of ${id} lets ${allowed} be overridden at run time, not the ${what}`,
  })
}

function isListOfKeys(value: unknown): boolean {
  if (!Array.isArray(value) || value.length < 1 || value.length > MOST_ITEMS) return false
  const isText = value.every(
    (one) => typeof one === 'string' && one !== '' && one.length <= 256 && one.isWellFormed(),
  )
  return isText && new Set(value).size === value.length
}
