import * as z from 'zod/mini'
import { occurrences } from '#shared/declare/occurrences.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { jsonResponse } from './answer.ts'
import { bodyMember, parseBody, textMember } from './body.ts'
import { updateControl } from './change-control.ts'
import { controlView } from './control-view.ts'
import { isoOrNull, parseIsoTime } from './instant.ts'
import { jobOfPath } from './named.ts'
import type { OperationHandler } from './operation.ts'
import { expectOnlyParameters } from './query.ts'
import { HttpError, shown } from './refused.ts'

/** Nobody plans further ahead. */
const MAX_TICKS_AHEAD = 50

const skipBody = z.strictObject({
  tick: bodyMember<string>((value) => parseIsoTime(value) !== undefined, 'an ISO time in UTC'),
  reason: textMember('a reason', 200),
})

/** Leaves one scheduled moment out, one of the next fifty; it replaces another one that was to be left out. */
export const skip: OperationHandler = async (call) => {
  const job = jobOfPath(call)
  const { request } = call
  expectOnlyParameters(request.query, [])
  const { tick: said, reason } = parseBody(request, skipBody)
  const tick = parseIsoTime(said) ?? Number.NaN
  const clock = clockOf(job.schedule)
  const next = clock ? occurrences(clock, { after: request.at, limit: MAX_TICKS_AHEAD }) : []
  if (job.off !== undefined || !next.includes(tick)) {
    const some = clock
      ? `${next.slice(0, 3).map(isoOrNull).join(', ')}, …`
      : 'none, because it runs on demand'
    const shownTicks = job.off === undefined ? some : 'none, because it is off'
    const message = `tick: expected one of the next ${MAX_TICKS_AHEAD} of ${job.id} (${shownTicks}), got ${shown(said)}`
    throw new HttpError({ status: 400, message })
  }
  const control = await updateControl(call, job, 'skip', (held) => ({
    ...held,
    skip: { tick, reason, by: request.actor },
  }))
  return jsonResponse(200, { job: job.id, control: controlView(control, request.at) })
}
