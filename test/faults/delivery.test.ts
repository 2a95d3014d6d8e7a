import type { Context } from 'aws-lambda'
import { describe, expect, test, vi } from 'vitest'
import { jobs } from '#functions/jobs/declared.ts'
import { metricGroups } from '#functions/watchdog/metrics.ts'
import { type WatchResult, watchJob } from '#functions/watchdog/watch.ts'
import { alarmsOf } from '#infra/alarms/alarms.ts'
import { cadenceOf } from '#infra/definitions/cadence.ts'
import { type Job, resolveJob } from '#shared/declare/job.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { pricesJob, pricesWorld } from '#test/fakes/jobs/prices.ts'
import { scheduleOf } from '#test/support/jobs/test-jobs.ts'

const T0 = Date.UTC(2026, 10, 20, 12, 1, 0)
const MINUTE = 60_000

describe('a schedule that no longer ticks', () => {
  const all = [...jobs, pricesJob('items')].map((declaration) => resolveJob(declaration, {}))

  test.each(all.filter(({ off, schedule }) => off === undefined && clockOf(schedule)))(
    'of the job $id raises an alarm within the fresh time of its data and two intervals (F27)',
    async (job) => {
      const { clock, work, store } = pricesWorld('items', [], T0)
      const { freshForMs } = job.freshness
      const ended = {
        fence: 1,
        consecutiveFailures: 0,
        lastTick: T0,
        lastSuccessAt: T0,
        freshUntil: T0 + freshForMs,
      }
      store.memory.states.set(job.id, ended)
      const until = T0 + freshForMs + 2 * cadenceOf(scheduleOf(job)).longestMs

      const raised = new Set<string>()
      for (; clock.now() <= until; clock.advance(MINUTE)) {
        const watched = await watchJob(job, work.ports)
        for (const name of watched ? alarmsOn(watched, job) : []) raised.add(name)
      }

      expect(raised).toContain('test-missed-ticks')
      expect(store.memory.runs.size).toBeGreaterThan(0)
      for (const { status } of store.memory.runs.values()) expect(status).toBe('missed')
    },
  )

  function alarmsOn(result: WatchResult, job: Job): string[] {
    const points = metricGroups([result]).flatMap((one) => one.points)
    return alarmsOf('test', [job])
      .filter(({ series, threshold }) =>
        points.some(
          (point) => 'metric' in series && point.metric === series.metric && point.value >= threshold,
        ),
      )
      .map(({ name }) => name)
  }
})

describe('an invalid event', () => {
  /** An invocation of the function that is deployed. */
  async function invoked(event: unknown) {
    for (const name of ['TABLE', 'BUS', 'STAGE', 'VERSION']) vi.stubEnv(`FRESHET_${name}`, 'test')
    const { handler } = await import('#functions/jobs/global-market/handler.ts')
    return handler(event, { getRemainingTimeInMillis: () => 60_000 } as Context)
  }

  test.each([
    ['is malformed', { tick: 'now' }, 'expected an event for the job global-market, got nothing'],
    ['names an unknown job', { job: 'unknown', tick: '2026-11-20T12:01:00Z' }, 'got "unknown"'],
    ['weighs a megabyte', { job: 'global-market', more: 'x'.repeat(1_000_000) }, 'got "more" too'],
    ['is a megabyte of text', 'x'.repeat(1_000_000), 'expected an object as event, got "xxx'],
  ])(
    'because it %s fails its invocation with a short reason, before any run (F28)',
    async (_, event, reason) => {
      const error = await invoked(event).then(
        () => undefined,
        (thrown: Error) => thrown,
      )

      expect(error).toBeInstanceOf(TypeError)
      expect(error?.message).toContain(reason)
      expect(error?.message.length).toBeLessThan(200)
    },
  )
})
