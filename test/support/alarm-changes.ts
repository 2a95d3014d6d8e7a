import type { MetricValue } from '#functions/watchdog/metrics.ts'
import type { AlarmSpec } from '#infra/alarms/alarm-spec.ts'

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
  if (value === undefined) return missingData === 'breaching'
  return comparison === 'below' ? value < threshold : value >= threshold
}
