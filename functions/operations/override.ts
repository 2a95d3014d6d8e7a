import * as z from 'zod/mini'
import { type DurationText, durationText, milliseconds } from '#shared/declare/duration.ts'
import type { Job, Overridable } from '#shared/declare/job.ts'
import { occurrences } from '#shared/declare/occurrences.ts'
import { leastFreshMs } from '#shared/engine/override.ts'
import type { Overrides } from '#shared/ports/records.ts'
import { answer } from './answer.ts'
import { bodyOf, member, text } from './body.ts'
import { changeControl } from './change-control.ts'
import { controlView } from './control-view.ts'
import { expectKey } from './job-keys.ts'
import { namedJob } from './named.ts'
import type { Operate } from './operation.ts'
import { expectOnly } from './query.ts'
import { Refused, shown } from './refused.ts'

const LONGEST_MS = 366 * 86_400_000
const MOST_ITEMS = 1_000

/** Enough ticks to tell how far they usually are apart. */
const LOOKED_AT = 50

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

/** The interval of a thinned schedule. A schedule cannot tick at other times than it does. */
function thinned(job: Job, every: string, now: number): Pick<Overrides, 'everyMs' | 'slackMs'> {
  const refused = (what: string) =>
    new Refused({ status: 400, message: `every: expected ${what}, got ${shown(every)}` })
  const everyMs = durationOf(every)
  if (everyMs === undefined) throw refused('a duration such as "30 minutes" or "2 hours"')
  const interval = usualInterval(job, now)
  if (everyMs < interval || everyMs % interval !== 0) {
    throw refused(
      `a multiple of ${durationText(interval)}, the schedule's own interval, because an override leaves ticks out ` +
        'and cannot make a schedule tick more often or at another time',
    )
  }
  const longest = job.stored === 'snapshot' ? job.freshness.serveStaleForMs : LONGEST_MS
  const over = leastFreshMs(everyMs, job) - longest
  if (over <= 0) return { everyMs, slackMs: interval / 2 }
  const why = job.stored === 'snapshot' ? ', for which the members of the set can be served' : ''
  throw refused(`at most ${durationText(everyMs - over)}${why}`)
}

function durationOf(every: string): number | undefined {
  try {
    return milliseconds(every as DurationText)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

/** The most common distance between the next ticks: a change of clocks makes one of them longer or shorter. */
function usualInterval({ schedule }: Job, now: number): number {
  const ticks = occurrences(schedule, { after: now, limit: LOOKED_AT })
  const gaps = ticks.slice(1).map((tick, index) => tick - (ticks[index] ?? tick))
  const groups = [...Map.groupBy(gaps, (gap) => gap).values()].sort((a, b) => b.length - a.length)
  return groups[0]?.[0] ?? Number.POSITIVE_INFINITY
}

function isListOfKeys(value: unknown): boolean {
  if (!Array.isArray(value) || value.length < 1 || value.length > MOST_ITEMS) return false
  const isText = value.every(
    (one) => typeof one === 'string' && one !== '' && one.length <= 256 && one.isWellFormed(),
  )
  return isText && new Set(value).size === value.length
}
