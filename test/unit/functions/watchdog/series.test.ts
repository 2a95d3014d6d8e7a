import { expect, test, vi } from 'vitest'
import { emitMetrics } from '#functions/watchdog/metrics.ts'
import { watchJob } from '#functions/watchdog/watch.ts'
import { priceBody, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'

const T0 = Date.UTC(2026, 10, 20, 12, 1, 0)

/** Ten thousand calls take 100 s at the pace of the provider, far from this deadline. */
const ROOMY = { mode: 'plain', deadline: '4 minutes', concurrency: 20 } as const

/** One run of so many keys and one look after it: the lines that were logged, and the series that were written. */
async function watchedWith(count: number, stored: 'items' | 'snapshot') {
  const world = pricesWorld(stored, symbolNames(count), T0, { change: { run: ROOMY } })
  world.script(({ url }) => ({ status: 200, body: priceBody(url, 1, T0) }))
  const run = await world.tick(T0)
  const watched = await watchJob(world.work.job, world.work.ports)
  const written: string[] = []
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false')
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => written.push(String(line)) > 0)
  emitMetrics('test', watched ? [watched] : [])
  vi.restoreAllMocks()
  return { run, lines: world.lines.length, events: world.events.length, series: written.map(seriesIn) }
}

/** Namespace, names and dimensions with their values; no value of a metric. */
function seriesIn(line: string) {
  const { _aws, ...values } = JSON.parse(line)
  const [{ Namespace, Dimensions, Metrics }] = _aws.CloudWatchMetrics
  const dimensions = Dimensions.flat().map((name: string) => `${name}=${values[name]}`)
  return { Namespace, dimensions, metrics: Metrics.map(({ Name }: { Name: string }) => Name) }
}

test.each(['items', 'snapshot'] as const)(
  'ten thousand keys, stored as %s, make no series, dimension, event or log line more than one does (P12)',
  { timeout: 60_000 },
  async (stored) => {
    const one = await watchedWith(1, stored)
    const many = await watchedWith(10_000, stored)

    expect([one.run.counts?.published, many.run.counts?.published]).toEqual([1, 10_000])
    expect(many.series).toEqual(one.series)
    expect(one.series.map(({ metrics }) => metrics.length)).toEqual([12])
    expect([many.lines, many.events]).toEqual([one.lines, one.events])
    expect(one.lines).toBe(1)
  },
)
