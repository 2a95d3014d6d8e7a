import * as z from 'zod/mini'
import { answer } from './answer.ts'
import { bodyOf, member, text } from './body.ts'
import { changeControl } from './change-control.ts'
import { controlView } from './control-view.ts'
import { instant } from './instant.ts'
import { namedJob } from './named.ts'
import type { Operate } from './operation.ts'
import { expectOnly } from './query.ts'
import { Refused, shown } from './refused.ts'
import { tell } from './tell.ts'

const LONGEST_MS = 366 * 86_400_000

const schema = z.strictObject({
  until: member<string>((value) => instant(value) !== undefined, 'an ISO time in UTC'),
  reason: text('a reason', 200),
})

const nothing = z.strictObject({})

/** Pauses a job until a time at most a year away: ticks and stale reads ask for nothing, operators and cold reads do. */
export const pause: Operate = async (call) => {
  const job = namedJob(call)
  const { request } = call
  expectOnly(request.query, [])
  const { until: said, reason } = bodyOf(request, schema)
  const until = instant(said) ?? Number.NaN
  if (!(until > request.at && until <= request.at + LONGEST_MS)) {
    const message = `until: expected a time in the future, at most a year away; got ${shown(said)}`
    throw new Refused({ status: 400, message })
  }
  const control = await changeControl(call, job, 'pause', (held) => ({
    ...held,
    pause: { until, reason, by: request.actor },
  }))
  await tell(job, control, call)
  return answer(200, { job: job.id, control: controlView(control, request.at) })
}

/** Ends a pause; of a job that is not paused nothing is changed. */
export const resume: Operate = async (call) => {
  const job = namedJob(call)
  const { request } = call
  expectOnly(request.query, [])
  bodyOf(request, nothing)
  const control = await changeControl(call, job, 'resume', ({ pause: held, ...others }) =>
    held && held.until > request.at ? others : undefined,
  )
  await tell(job, control, call)
  return answer(200, { job: job.id, control: controlView(control, request.at) })
}
