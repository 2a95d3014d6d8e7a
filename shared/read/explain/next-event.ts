import { clockOf } from '#shared/declare/schedule.ts'
import { FIRST_RUN_RETRY_MS, WATCH_PERIOD_MS } from '#shared/declare/watchdog.ts'
import { isSuccess } from '#shared/domain/outcome.ts'
import { type NextEvent, timeText } from './explanation.ts'
import { jobBlock, type Situation } from './situation.ts'
import { nextRunnableTick } from './ticks.ts'

/**
 * What happens next by itself, by what is recorded now: the end of the run under way, else the earliest run. A request by
 * an operator or a reader may come before; then a record shows it.
 */
export function nextEvent(situation: Situation): NextEvent {
  const { job, running } = situation
  if (job.off !== undefined) return { code: 'none', text: 'No run starts while the job is off' }
  if (running)
    return {
      code: 'run-ends',
      at: running.until,
      text: `The run under way ends at ${timeText(running.until)} at the latest`,
    }
  const events = [tick(situation), firstRun(situation), afterInput(situation), reader(situation)]
  const [earliest] = events
    .filter((event) => event !== undefined)
    .sort((a, b) => (a.at ?? Number.POSITIVE_INFINITY) - (b.at ?? Number.POSITIVE_INFINITY))
  return earliest ?? nothing(situation)
}

function tick(situation: Situation): NextEvent | undefined {
  const next = nextRunnableTick(situation)
  if (!next) return undefined
  const { at, startsBy, isDue, because } = next
  const zone = clockOf(situation.job.schedule)?.zone
  if (isDue)
    return {
      code: 'tick',
      at,
      text: `The tick of ${timeText(at, zone)} is due and starts a run by ${timeText(startsBy)}`,
    }
  const reasons = because.join(', ')
  const text =
    reasons === ''
      ? `The next tick is at ${timeText(at, zone)}`
      : `${reasons.charAt(0).toUpperCase()}${reasons.slice(1)}; the next tick that can run is at ${timeText(at, zone)}`
  return { code: 'tick', at, text }
}

/** The watchdog requests the first run of a scheduled job that has never succeeded. */
function firstRun(situation: Situation): NextEvent | undefined {
  const { job, state, now, control } = situation
  if (!clockOf(job.schedule) || state.lastSuccessAt !== undefined) return undefined
  const retryAt = state.lastRun === undefined ? now : state.lastRun.endedAt + FIRST_RUN_RETRY_MS
  const pauseEnd = control.pause?.until ?? 0
  const blocked = jobBlock(situation, Math.max(now, retryAt, pauseEnd))
  const from = Math.max(now, retryAt, pauseEnd, blocked?.freeAt ?? 0)
  if (!Number.isFinite(from)) return undefined
  const at = Math.ceil(from / WATCH_PERIOD_MS) * WATCH_PERIOD_MS
  return { code: 'first-run', at, text: `The watchdog requests the first run at ${timeText(at)}` }
}

/** A run of the job follows the publication of an input, whose run may be under way. */
function afterInput({ job, inputs, control, now }: Situation): NextEvent | undefined {
  const followed = inputs.flatMap(({ job: id, next: { code, at, text } }) =>
    job.follows.includes(id) && at !== undefined ? [{ id, text, at: code === 'run-ends' ? now : at }] : [],
  )
  const [first] = followed.sort((a, b) => a.at - b.at)
  if (!first) return undefined
  const { id, text } = first
  return {
    code: 'input-refreshed',
    at: Math.max(first.at, control.pause?.until ?? 0),
    text: `A run follows once ${id} is refreshed: ${text.charAt(0).toLowerCase()}${text.slice(1)}`,
  }
}

/** A reader's request starts a run of a job on demand, once its data are no longer fresh. */
function reader(situation: Situation): NextEvent | undefined {
  const { job, state, now, control } = situation
  if (clockOf(job.schedule)) return undefined
  const { lastRun, freshUntil, invalidatedAt } = state
  const { freshForMs, maxAsOfAgeMs } = job.freshness
  const isByTime =
    lastRun !== undefined &&
    isSuccess(lastRun.status) &&
    (maxAsOfAgeMs === undefined || invalidatedAt !== undefined)
  const allowedAt = isByTime ? freshUntil : lastRun && lastRun.endedAt + freshForMs
  const from = Math.max(now, allowedAt ?? now, control.pause?.until ?? 0)
  const blocked = jobBlock(situation, from)
  const at = Math.max(from, blocked?.freeAt ?? 0)
  if (!Number.isFinite(at)) return undefined
  return { code: 'reader', at, text: `A reader’s request starts a run, from ${timeText(at)} on` }
}

function nothing({ job, control: { pause }, isPaused, now, upstreams }: Situation): NextEvent {
  if (isPaused && pause)
    return { code: 'none', text: 'No run starts by itself until an operator resumes the job' }
  const blocked = jobBlock({ job, upstreams }, now)
  const text = blocked
    ? `No run starts until the settings of ${blocked.upstream.title} change`
    : 'No run starts by itself: the schedule has no further tick'
  return { code: 'none', text }
}
