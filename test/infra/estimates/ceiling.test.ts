import { describe, expect, test } from 'vitest'
import { costCeiling } from '#infra/estimates/ceiling.ts'
import { estimateCost } from '#infra/estimates/cost.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { testStage } from '#test/support/infra/synthesis.ts'
import { jobModule, tinyJob, tinyTaskJob } from '#test/support/jobs/test-jobs.ts'

const READS = { auth: 'public', throttle: { rate: 10, burst: 20 } }
const submission = (path: string, access: 'public' | 'operator') =>
  ({ path, method: 'POST', about: 'Submits it', access }) as const
const tiny = resolveJob(tinyJob(), {})
const task = resolveJob(
  tinyTaskJob({ submits: [submission('/toy/submit', 'public'), submission('/toy/refreshes', 'operator')] }),
  {},
)
const modules = new Map([['toy-items', jobModule()]])

describe('the ceiling of a month', () => {
  test('of reads is their rate in each second of 31 days, at the price of a small read', () => {
    const ceiling = costCeiling(testStage({ reads: READS }), [tiny], new Map())

    // 10 a second for 2,678,400 s; gateway 1.00, Lambda 0.20 + 0.0933338, table 0.0625, log 0.175, egress 0.02817 a million
    expect(ceiling.throttled).toEqual([{ what: 'reads', rate: 10, cost: expect.closeTo(41.7564, 3) }])
  })

  test('of submissions is their own rate, at the price of a request and a task, on public paths only', () => {
    const submissions = { throttle: { rate: 2, burst: 5 } }

    const { throttled } = costCeiling(testStage({ reads: READS, submissions }), [tiny, task], modules)

    // 2 a second for 2,678,400 s; per million: gateway 1.00, its log 0.175, event 1.00, four invocations of 13.5334 compute,
    // 8.25 table and 1.024 log each, seven states of 25
    expect(throttled.slice(1)).toEqual([{ what: '/toy/submit', rate: 2, cost: expect.closeTo(1_437.79, 2) }])
  })

  test('of submissions without a throttle of their own is the rate of reads', () => {
    const { throttled } = costCeiling(testStage({ reads: READS }), [task], modules)

    expect(throttled[1]).toEqual({ what: '/toy/submit', rate: 10, cost: expect.closeTo(5 * 1_437.79, 1) })
  })

  test('is the sum of its parts and of what the month costs without requests', () => {
    const { planned, throttled, total } = costCeiling(testStage({ reads: READS }), [tiny, task], modules)

    expect(planned).toBe(estimateCost('test', [tiny, task], modules).total)
    expect(throttled).toHaveLength(2)
    expect(total).toBeCloseTo(
      throttled.reduce((sum, { cost }) => sum + cost, planned),
      10,
    )
  })
})
