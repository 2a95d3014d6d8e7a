import { type MetricValue, metricGroups } from '#functions/watchdog/metrics.ts'
import { watchJob } from '#functions/watchdog/watch.ts'
import type { AlarmSpec } from '#infra/alarms/alarm-spec.ts'
import { occurrences } from '#shared/declare/occurrences.ts'
import { conditionsOf } from '#shared/domain/conditions.ts'
import type { World } from '#test/fakes/world/world.ts'
import { scheduleOf } from '#test/support/jobs/test-jobs.ts'

/** The values of our series at one moment: milliseconds since the epoch. */
export interface Sample {
  readonly at: number
  readonly points: readonly (MetricValue & { readonly job?: string })[]
}

/** A change of an alarm's state, at the end of the period that brought it. */
interface AlarmChange {
  readonly to: 'ALARM' | 'OK'
  readonly at: number
}

/**
 * What CloudWatch makes of samples: one value a period, the alarm raised while that many periods in a row breach, and
 * over with the first that does not.
 */
export function alarmChanges(spec: AlarmSpec, samples: readonly Sample[]): AlarmChange[] {
  const periods = Map.groupBy(samples, ({ at }) => Math.floor(at / spec.periodMs))
  const first = Math.min(...periods.keys())
  const last = Math.max(...periods.keys())
  const changes: AlarmChange[] = []
  let breaching = 0
  for (let period = first; period <= last; period += 1) {
    const value = periodValue(spec, periods.get(period) ?? [])
    breaching = isBreach(spec, value) ? breaching + 1 : 0
    const to = breaching >= spec.periods ? 'ALARM' : 'OK'
    if (to !== (changes.at(-1)?.to ?? 'OK')) changes.push({ to, at: (period + 1) * spec.periodMs })
  }
  return changes
}

/** `undefined`: no value in this period. */
function periodValue({ series, statistic }: AlarmSpec, samples: readonly Sample[]): number | undefined {
  if (series.kind !== 'freshet')
    throw new TypeError(`expected a series of the watchdog, got one of ${series.kind}`)
  const values = samples
    .flatMap(({ points }) => points)
    .filter(({ metric, job }) => metric === series.metric && job === series.dimensions['job'])
    .map(({ value }) => value)
  if (values.length === 0) return undefined
  return statistic === 'Sum' ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values)
}

function isBreach({ missingData, comparison, threshold }: AlarmSpec, value: number | undefined): boolean {
  if (value === undefined) return missingData === 'notifying'
  return comparison === 'below' ? value < threshold : value >= threshold
}

const MINUTE = 60_000

interface PassOptions {
  readonly minutes: number
  /** Minutes between two invocations; 1 by default. */
  readonly watchEvery?: number
  /** Whether ticks are delivered; `true` by default. */
  readonly ticks?: boolean
  /** Whether their function dies in the middle. */
  readonly dies?: boolean
}

/** Lets time pass over a world as a deployment does: each tick of the job's schedule runs, then the watchdog. */
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
      if (next % (watchEvery * MINUTE) === 0) await watch()
      at = world.clock.now()
    }
  }
  const watch = async (): Promise<void> => {
    const watched = await watchJob(job, ports)
    const points = metricGroups(watched ? [watched] : [], conditionsOf([job]))
    const flat = points.flatMap((one) =>
      one.points.map((point) => ({ ...point, ...(one.job === undefined ? {} : { job: one.job }) })),
    )
    samples.push({ at: world.clock.now(), points: flat })
  }
  return { pass, watch, samples }
}
