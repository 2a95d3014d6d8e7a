import { metricGroups } from '#functions/watchdog/metrics.ts'
import { watchJob } from '#functions/watchdog/watch.ts'
import { occurrences } from '#shared/declare/occurrences.ts'
import { conditionsOf } from '#shared/domain/conditions.ts'
import type { World } from '#test/fakes/world.ts'
import type { Sample } from './alarm-changes.ts'
import { scheduleOf } from './schedule-of.ts'

const MINUTE = 60_000

interface PassOptions {
  readonly minutes: number
  /** Between two looks; one unless said. */
  readonly watchEvery?: number
  /** Whether ticks are delivered; they are unless said. */
  readonly ticks?: boolean
  /** Whether their function dies in the middle. */
  readonly dies?: boolean
}

/** Lets time pass over a world as a deployment does: each tick of the job's schedule is run, and then looked at. */
export function simulateWatchdog<V>(world: World<V>) {
  const { job, ports } = world.work
  const samples: Sample[] = []
  const pass = async ({
    minutes,
    watchEvery = 1,
    ticks = true,
    dies = false,
  }: PassOptions): Promise<void> => {
    const until = Math.floor(world.clock.now() / MINUTE + minutes) * MINUTE
    for (let at = world.clock.now(); at < until; ) {
      const next = Math.floor(at / MINUTE + 1) * MINUTE
      const [tick] = ticks ? occurrences(scheduleOf(job), { after: next - MINUTE, until: next }) : []
      if (tick !== undefined && dies) void world.tick(tick)
      else if (tick !== undefined) await world.tick(tick)
      if (dies) await new Promise(setImmediate)
      world.clock.advance(Math.max(0, next - world.clock.now()))
      if (next % (watchEvery * MINUTE) === 0) await look()
      at = world.clock.now()
    }
  }
  const look = async (): Promise<void> => {
    const seen = await watchJob(job, ports)
    const points = metricGroups(seen ? [seen] : [], conditionsOf([job]))
    const flat = points.flatMap((one) =>
      one.points.map((point) => ({ ...point, ...(one.job === undefined ? {} : { job: one.job }) })),
    )
    samples.push({ at: world.clock.now(), points: flat })
  }
  return { pass, samples }
}
