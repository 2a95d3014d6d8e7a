import { describe, expect, test } from 'vitest'
import { jobs as declared } from '#functions/jobs/declared.ts'
import { job as globalMarket } from '#functions/jobs/global-market/job.ts'
import { alarmsOf } from '#infra/alarms/alarms.ts'
import { checkCost } from '#infra/checks/system.ts'
import { estimateCost, PRICE } from '#infra/estimates/cost.ts'
import { loadJobModules } from '#infra/estimates/job-modules.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { synthesize, testStage } from '#test/support/infra/synthesis.ts'
import { jobModule, tinyJob, tinyTaskJob } from '#test/support/jobs/test-jobs.ts'

const jobs = [globalMarket, tinyJob()].map((job) => resolveJob(job, {}))

test('the model counts the alarms, schedules, keys and dashboards that the template holds', () => {
  const { ofType } = synthesize({ jobs: [globalMarket, tinyJob()] })

  expect(ofType('AWS::CloudWatch::Alarm')).toHaveLength(alarmsOf('test', jobs).length)
  expect(ofType('AWS::Scheduler::Schedule')).toHaveLength(estimateCost('test', jobs).perJob.size + 1)
  expect(ofType('AWS::KMS::Key')).toHaveLength(1)
  expect(ofType('AWS::CloudWatch::Dashboard')).toHaveLength(2)
})

test('the model counts the series and the metrics of alarms that the template holds', () => {
  const alarms = synthesize({ jobs: [globalMarket, tinyJob()] }).ofType('AWS::CloudWatch::Alarm')
  const metrics = alarms.flatMap(({ properties }) =>
    properties.Metrics
      ? properties.Metrics.flatMap(
          ({ MetricStat }: { MetricStat?: { Metric: object } }) => MetricStat?.Metric ?? [],
        )
      : [properties],
  )
  const series = new Set(
    metrics
      .filter(({ Namespace }) => Namespace === 'Freshet')
      .map(({ MetricName, Dimensions }) => JSON.stringify([MetricName, Dimensions])),
  )

  const { total } = estimateCost('test', jobs)
  const { total: unwatched } = estimateCost('test', [])

  expect(series.size).toBe(2 * 2 + 10 + 4)
  expect(metrics).toHaveLength(alarms.length + 1)
  const stage = 21 * PRICE.alarm + 14 * PRICE.metricSeries
  expect(unwatched).toBeGreaterThan(stage + 2 * PRICE.dashboard)
  expect(total).toBeGreaterThan(metrics.length * PRICE.alarm + series.size * PRICE.metricSeries)
})

describe('the estimate', () => {
  const { fixed, perJob, total, perMillionReads } = estimateCost('test', jobs)

  test('is fixed cost and the cost of each job', () => {
    const sum = [...perJob.values()].reduce((one, other) => one + other, fixed)

    expect([...perJob.keys()]).toEqual(['global-market', 'tiny'])
    expect(total).toBeCloseTo(sum, 10)
  })

  test('of a job is what its ticks use, and of P0 two series and two alarms', () => {
    const watched = 2 * PRICE.metricSeries + 2 * PRICE.alarm
    const ofTicks = perJob.get('tiny') ?? 0

    expect(ofTicks).toBeGreaterThan(0)
    expect(perJob.get('global-market')).toBeCloseTo(watched + 6 * ofTicks, 10)
  })

  test('of a further job of a lower priority is what its ticks use: it shares its alarms and series', () => {
    const more = [...jobs, resolveJob(tinyJob({ id: 'another' }), {})]
    const watched = estimateCost('test', more).fixed - fixed

    expect(watched).toBeGreaterThan(0)
    expect(watched).toBeLessThan(0.1)
  })

  test('of a job that follows another counts the runs that this one starts, and no tick for them', () => {
    const cost = (follows: readonly string[]) => {
      const coins = tinyJob({ id: 'coins', stored: 'snapshot' })
      const tiny = tinyJob({ inputs: ['coins'], follows })
      const both = [coins, tiny].map((job) => resolveJob(job, {}))
      return estimateCost('test', both).perJob.get('tiny') ?? 0
    }
    const ticks = 31 * 24 * PRICE.scheduledTick

    expect(cost(['coins']) - ticks).toBeCloseTo(2 * (cost([]) - ticks), 10)
  })

  test('stays within 28 dollars a month with nineteen jobs, six of them of P0: those that are declared and on, and others', async () => {
    const ours = declared.map((job) => resolveJob(job, {})).filter(({ off }) => off === undefined)
    const modules = await loadJobModules(ours, Date.UTC(2026, 10, 20))
    const important = ours.filter(({ priority }) => priority === 'P0').length
    const more = Array.from({ length: 19 - ours.length }, (_, index) => {
      const id = `job-${index}`
      const priority = index < 6 - important ? 'P0' : index < 8 ? 'P1' : 'P2'
      const job = index % 2 === 0 ? tinyJob({ id, priority }) : tinyTaskJob({ id, priority })
      return resolveJob(job, {})
    })
    const nineteen = [...ours, ...more]

    const { total: all, perJob: costs } = estimateCost('test', nineteen, modules)

    expect(costs.size).toBe(19)
    expect(nineteen.filter(({ priority }) => priority === 'P0')).toHaveLength(6)
    expect(all).toBeGreaterThan(20)
    expect(all).toBeLessThanOrEqual(28)
  })

  test('of a million small reads is at most 1.60 dollars', () => {
    expect(perMillionReads).toBeGreaterThan(1)
    expect(perMillionReads).toBeLessThanOrEqual(1.6)
  })

  test('does not count jobs that are off', () => {
    const off = [resolveJob(globalMarket, { GLOBAL_STATS_ENABLED: 'false' })]

    expect(estimateCost('test', off).perJob.size).toBe(0)
    expect(estimateCost('test', off).total).toBeLessThan(estimateCost('test', jobs).total)
  })
})

describe('the estimate of a task', () => {
  const folders = (calls: number) =>
    new Map([
      [
        'toy-items',
        jobModule({ calls: new Map([['coingecko', { retried: calls, once: 0 }]]), requests: calls }),
      ],
    ])
  const cost = (calls: number, run = {}) => {
    const job = resolveJob(
      tinyTaskJob({ run: { mode: 'task', deadline: '10 minutes', concurrency: 2, chunk: 3, ...run } }),
      {},
    )
    return estimateCost('test', [job], folders(calls)).perJob.get('toy-items') ?? 0
  }
  const TASKS_A_MONTH = 24 * 31

  test('counts an invocation and a transition for each chunk', () => {
    const ofOneChunk = cost(4) - cost(3)
    const ofThree = cost(12) - cost(3)

    expect(ofOneChunk).toBeGreaterThan(TASKS_A_MONTH * PRICE.stateTransition)
    expect(ofThree).toBeCloseTo(3 * ofOneChunk, 10)
  })

  test('counts a second transition for each chunk where lanes rest', () => {
    const rests = cost(12, { pace: '1 second' }) - cost(12)

    expect(rests).toBeCloseTo(4 * TASKS_A_MONTH * PRICE.stateTransition, 10)
  })

  test('is above that of the same job made plain', () => {
    const plain = resolveJob(tinyJob({ id: 'toy-items' }), {})

    expect(cost(1)).toBeGreaterThan(estimateCost('test', [plain], folders(1)).perJob.get('toy-items') ?? 0)
  })
})

test('a system above its budget is refused, one within it is not', () => {
  const { total } = estimateCost('test', jobs)
  const within = testStage({ monthlyBudgetUsd: total + 0.01 })
  const above = testStage({ monthlyBudgetUsd: total - 0.01 })

  expect(checkCost(jobs, within, new Map())).toEqual([])
  expect(checkCost(jobs, above, new Map())).toEqual([
    expect.objectContaining({
      check: 'cost',
      severity: 'error',
      message: expect.stringContaining(total.toFixed(2)),
    }),
  ])
})
