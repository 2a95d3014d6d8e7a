import { occurrences, previousOccurrence } from '#shared/declare/occurrences.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { MINUTE_MS } from '#shared/domain/duration.ts'
import { activeOverrides, isSkippedByInterval } from '#shared/engine/model/overrides.ts'
import { timeText } from './explanation.ts'
import { jobBlock, type Situation } from './situation.ts'

/** A tick is delivered within its spread and this long, unless its function cannot start or fails. */
const DELIVERY_MS = MINUTE_MS

/** More ticks than an override of the interval skips between two that run. */
const MAX_STEPS = 2_000

/** A tick that may run, and why no earlier one does. */
export interface RunnableTick {
  readonly at: number
  /** Its run starts until then. */
  readonly startsBy: number
  readonly isDue: boolean
  /** Sentences such as `the pause ends at …`, for everyone. */
  readonly because: readonly string[]
}

/** The newest tick of the schedule, at or before now; `undefined` for a job on demand. */
export function latestTick({ job, now }: Pick<Situation, 'job' | 'now'>): number | undefined {
  const clock = clockOf(job.schedule)
  return clock && previousOccurrence(clock, now)
}

/**
 * The newest tick, if it is due and has left no record yet. None is due from before the watchdog's first pass over the schedule:
 * it is accounted for from then on, and was not there to be delivered.
 */
export function dueTick(situation: Situation): number | undefined {
  const tick = latestTick(situation)
  const { runs, state } = situation
  const accountedUntil = Math.max(state.lastTick ?? 0, state.watchState?.checkedUntil ?? 0)
  const hasRecord = runs.some((run) => run.tick === tick) || accountedUntil >= (tick ?? 0)
  return hasRecord ? undefined : tick
}

/**
 * The next tick whose run may take place, by what is recorded now: none during a pause, none that is skipped, none while
 * all providers are blocked. A tick counts from the earliest moment at which it can be delivered, so that none runs
 * before it.
 */
export function nextRunnableTick(situation: Situation): RunnableTick | undefined {
  const { job, now } = situation
  const clock = clockOf(job.schedule)
  if (!clock) return undefined
  const slackMs = job.spreadMs + DELIVERY_MS
  const due = dueTick(situation)
  const because = new Set<string>()
  let after = due !== undefined && due > now - slackMs ? due - 1 : now
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const [tick] = occurrences(clock, { after, limit: 1 })
    if (tick === undefined) return undefined
    const obstacle = obstacleOf(situation, tick, slackMs)
    if (!obstacle) return { at: tick, startsBy: tick + slackMs, isDue: tick <= now, because: [...because] }
    if (!Number.isFinite(obstacle.until)) return undefined
    because.add(obstacle.text)
    after = Math.max(tick, obstacle.until - slackMs - 1)
  }
  return undefined
}

interface Obstacle {
  readonly text: string
  /** `Infinity`: until the settings change. */
  readonly until: number
}

/** What a tick meets, even if it is delivered as late as usual. */
function obstacleOf(situation: Situation, tick: number, slackMs: number): Obstacle | undefined {
  const { job, control, state } = situation
  const { pause, skip } = control
  const latest = tick + slackMs
  if (pause && pause.until > latest)
    return { text: `the pause ends at ${timeText(pause.until)}`, until: pause.until }
  if (skip?.tick === tick)
    return { text: `the tick of ${timeText(tick)} is skipped by an operator`, until: tick }
  if (isSkippedByInterval(tick, state, activeOverrides(job, control) ?? {}))
    return { text: 'an override of the interval skips the ticks before', until: tick }
  const blocked = jobBlock(situation, latest)
  if (!blocked) return undefined
  const { upstream, block, freeAt: until } = blocked
  const text = 'until' in block ? `${upstream.title} may be called again at ${timeText(block.until)}` : ''
  return { text, until }
}
