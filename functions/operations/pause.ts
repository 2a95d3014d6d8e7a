import * as z from 'zod/mini'
import { jsonResponse } from './answer.ts'
import { bodyMember, parseBody, textMember } from './body.ts'
import { updateControl } from './change-control.ts'
import { controlView } from './control-view.ts'
import { parseIsoTime } from './instant.ts'
import { jobOfPath } from './named.ts'
import type { OperationHandler } from './operation.ts'
import { expectOnlyParameters } from './query.ts'
import { HttpError, shown } from './refused.ts'
import { publishControl } from './tell.ts'

const MAX_PAUSE_MS = 366 * 86_400_000

const pauseBody = z.strictObject({
  until: bodyMember<string>((value) => parseIsoTime(value) !== undefined, 'an ISO time in UTC'),
  reason: textMember('a reason', 200),
})

const resumeBody = z.strictObject({})

/** Pauses a job until a time at most a year away: ticks and stale reads ask for nothing, operators and cold reads do. */
export const pause: OperationHandler = async (call) => {
  const job = jobOfPath(call)
  const { request } = call
  expectOnlyParameters(request.query, [])
  const { until: said, reason } = parseBody(request, pauseBody)
  const until = parseIsoTime(said) ?? Number.NaN
  if (!(until > request.at && until <= request.at + MAX_PAUSE_MS)) {
    const message = `until: expected a time in the future, at most a year away; got ${shown(said)}`
    throw new HttpError({ status: 400, message })
  }
  const control = await updateControl(call, job, 'pause', (held) => ({
    ...held,
    pause: { until, reason, by: request.actor },
  }))
  await publishControl(job, control, call)
  return jsonResponse(200, { job: job.id, control: controlView(control, request.at) })
}

/** Ends a pause; of a job that is not paused nothing is changed. */
export const resume: OperationHandler = async (call) => {
  const job = jobOfPath(call)
  const { request } = call
  expectOnlyParameters(request.query, [])
  parseBody(request, resumeBody)
  const control = await updateControl(call, job, 'resume', ({ pause: held, ...others }) =>
    held && held.until > request.at ? others : undefined,
  )
  await publishControl(job, control, call)
  return jsonResponse(200, { job: job.id, control: controlView(control, request.at) })
}
