import * as z from 'zod/mini'
import { occurrences } from '#shared/declare/occurrences.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { answer } from './answer.ts'
import { bodyOf, member, text } from './body.ts'
import { changeControl } from './change-control.ts'
import { controlView } from './control-view.ts'
import { instant, isoOrNull } from './instant.ts'
import { namedJob } from './named.ts'
import type { Operate } from './operation.ts'
import { expectOnly } from './query.ts'
import { Refused, shown } from './refused.ts'

/** Nobody plans further ahead. */
const NEXT = 50

const schema = z.strictObject({
  tick: member<string>((value) => instant(value) !== undefined, 'an ISO time in UTC'),
  reason: text('a reason', 200),
})

/** Leaves one scheduled moment out, one of the next fifty; it replaces another one that was to be left out. */
export const skip: Operate = async (call) => {
  const job = namedJob(call)
  const { request } = call
  expectOnly(request.query, [])
  const { tick: said, reason } = bodyOf(request, schema)
  const tick = instant(said) ?? Number.NaN
  const clock = clockOf(job.schedule)
  const next = clock ? occurrences(clock, { after: request.at, limit: NEXT }) : []
  if (job.off !== undefined || !next.includes(tick)) {
    const some = clock
      ? `${next.slice(0, 3).map(isoOrNull).join(', ')}, …`
      : 'none, because it runs on demand'
    const shownTicks = job.off === undefined ? some : 'none, because it is off'
    const message = `tick: expected one of the next ${NEXT} of ${job.id} (${shownTicks}), got ${shown(said)}`
    throw new Refused({ status: 400, message })
  }
  const control = await changeControl(call, job, 'skip', (held) => ({
    ...held,
    skip: { tick, reason, by: request.actor },
  }))
  return answer(200, { job: job.id, control: controlView(control, request.at) })
}
