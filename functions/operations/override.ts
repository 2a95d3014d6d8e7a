import * as z from 'zod/mini'
import type { Job, Overridable } from '#shared/declare/job.ts'
import type { Overrides } from '#shared/ports/records.ts'
import { answer } from './answer.ts'
import { bodyOf, member, text } from './body.ts'
import { changeControl } from './change-control.ts'
import { controlView } from './control-view.ts'
import { expectKey } from './job-keys.ts'
import { namedJob } from './named.ts'
import type { Operate } from './operation.ts'
import { expectOnly } from './query.ts'
import { Refused } from './refused.ts'
import { tell } from './tell.ts'
import { thinned } from './thinned.ts'

const MOST_ITEMS = 1_000

const schema = z.strictObject({
  every: z.optional(text('a duration such as "30 minutes",', 40)),
  items: z.optional(
    member<readonly string[]>(isListOfKeys, `a list of 1 to ${MOST_ITEMS} different keys as text`),
  ),
})

/** Replaces what holds in place of a job's declaration; an empty object clears it. An invalid one changes nothing. */
export const override: Operate = async (call) => {
  const job = namedJob(call)
  const { request } = call
  expectOnly(request.query, [])
  const { every, items } = bodyOf(request, schema)
  if (every !== undefined) expectOverridable(job, 'interval')
  if (items !== undefined) expectOverridable(job, 'items')
  for (const item of items ?? []) if (job.stored === 'items') expectKey(job, item)
  const overrides: Overrides = {
    ...(every === undefined ? {} : { ...thinned(job, every, request.at), since: request.at }),
    ...(items === undefined ? {} : { items }),
  }
  const isCleared = Object.keys(overrides).length === 0
  const control = await changeControl(call, job, 'override', ({ overrides: held, ...others }) => {
    if (!isCleared) return { ...others, overrides }
    return held && others
  })
  await tell(job, control, call)
  return answer(200, { job: job.id, control: controlView(control, request.at) })
}

function expectOverridable({ id, overridable }: Job, what: Overridable): void {
  if (overridable.includes(what)) return
  const allowed = overridable.length === 0 ? 'nothing' : overridable.join(' and ')
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
