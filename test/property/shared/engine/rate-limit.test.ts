import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CallBudget } from '#shared/engine/rate-limit/call-budget.ts'
import { usageOf } from '#shared/engine/rate-limit/cool-down.ts'
import { GRACE_MS, SKEW_MS, slotsFrom } from '#shared/engine/rate-limit/pacing.ts'
import { pricesWorld } from '#test/fakes/jobs/prices.ts'
import { T0 } from '#test/fakes/store/samples.ts'
import { runs } from '#test/support/runs.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** The most calls in any half-open minute. */
function mostInAMinute(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b)
  return Math.max(0, ...sorted.map((from) => sorted.filter((at) => at >= from && at < from + MINUTE).length))
}

test('reserved slots never exceed the limit of a minute, however late within their grace and with any clock skew (I6)', () => {
  const blocks = fc.array(
    fc.record({
      wait: fc.integer({ min: 0, max: 90_000 }),
      calls: fc.integer({ min: 1, max: 200 }),
      skew: fc.integer({ min: 0, max: SKEW_MS }),
    }),
    { minLength: 1, maxLength: 25 },
  )
  const limits = fc
    .tuple(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 50 }))
    .map(([perMinute, burst]) => ({ perMinute, burst: Math.min(perMinute, burst) }))
  const late = fc.infiniteStream(fc.integer({ min: 0, max: GRACE_MS }))

  fc.assert(
    fc.property(blocks, limits, late, (runs, limit, lateness) => {
      let now = T0
      let due: number | undefined
      const calls: number[] = []
      for (const { wait, calls: most, skew } of runs) {
        now += wait
        const block = slotsFrom(due, now + skew, most, limit)
        due = block.due
        for (const slot of block.slots) calls.push(slot - skew + (lateness.next().value ?? 0))
      }

      expect(mostInAMinute(calls)).toBeLessThanOrEqual(limit.perMinute)
    }),
    { numRuns: runs(300, 100) },
  )
})

test('several runs at once, each with its retries, stay within rate and connections of their provider (I6)', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 300 }),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 30 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 0, max: 3_000 }),
      async (perMinute, concurrency, burst, runs, latency) => {
        const world = pricesWorld('items', ['AAA'], T0)
        const { clock } = world
        const limits = {
          ...world.work.upstream.limits,
          perMinute,
          concurrency,
          burst: Math.min(burst, perMinute),
        }
        const work = { ...world.work, upstream: { ...world.work.upstream, limits } }
        const callTimes: number[] = []
        let open = 0
        let mostOpen = 0
        const oneRun = async (calls: number, index: number) => {
          const caller = {
            owner: `run-${index}`,
            deadline: T0 + 10 * MINUTE,
            countsForBreaker: true,
            forOperator: false,
            isInteractive: false,
          }
          const budget = await CallBudget.open(calls, caller, work)
          if (budget.status === 'blocked') return
          const makeCall = () =>
            budget
              .call(async () => {
                callTimes.push(clock.now())
                open += 1
                mostOpen = Math.max(mostOpen, open)
                await clock.sleep(latency)
                open -= 1
                return {}
              })
              .then(
                () => true,
                () => false,
              )
          await Promise.all(Array.from({ length: calls }, makeCall))
          await budget.close()
        }

        await Promise.all(runs.map(oneRun))

        expect(callTimes.length).toBeGreaterThan(0)
        expect(mostInAMinute(callTimes)).toBeLessThanOrEqual(perMinute)
        expect(mostOpen).toBeLessThanOrEqual(concurrency)
        const { connections } = await world.store.upstreams.get('prices')
        expect(Object.values(connections).filter(({ max }) => max > 0)).toEqual([])
      },
    ),
    { numRuns: runs(40, 10) },
  )
})

test('a run that a reader waits for makes its call within two calls of a provider with one connection, whatever other runs do', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 20, max: 60 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 1_500 }),
      fc.integer({ min: 0, max: 30_000 }),
      async (perMinute, others, latency, arrival) => {
        const world = pricesWorld('items', ['AAA'], T0)
        const { clock } = world
        const limits = { ...world.work.upstream.limits, perMinute, concurrency: 1, burst: 1 }
        const work = { ...world.work, upstream: { ...world.work.upstream, limits } }
        let answeredAt: number | undefined
        let open = 0
        const oneRun = async (owner: string, calls: number, isInteractive: boolean) => {
          const limit = { owner, deadline: T0 + 10 * MINUTE, countsForBreaker: true, forOperator: false }
          const budget = await CallBudget.open(calls, { ...limit, isInteractive }, work)
          if (budget.status === 'blocked') throw new Error(budget.message)
          for (let call = 0; call < calls && answeredAt === undefined; call += 1)
            await budget.call(async () => {
              open += 1
              expect(open).toBe(1)
              await clock.sleep(latency)
              open -= 1
              return {}
            })
          await budget.close()
        }
        const scheduled = Array.from({ length: others }, (_, index) => oneRun(`run-${index}`, 60, false))

        await clock.sleep(arrival)
        await oneRun('reader', 1, true)
        answeredAt = clock.now()
        await Promise.all(scheduled)

        const spacing = (MINUTE + 2 * GRACE_MS) / perMinute
        const calls = 2 * (Math.max(spacing, latency) + latency)
        expect(answeredAt - T0 - arrival).toBeLessThanOrEqual(calls + 1_500)
      },
    ),
    { numRuns: runs(40, 10) },
  )
})

test('after a response that reports a nearly full minute, no run calls before the next minute, and the limit holds (I6, I7)', async () => {
  const SLOW = 2_000
  // with a mark of one, each of at most 240 calls has a minute of its own
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 20, max: 300 }),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 40 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 0, max: 1_500 }),
      fc.integer({ min: 0, max: MINUTE - 1 }),
      async (perMinute, concurrency, mark, runs, latency, into) => {
        const world = pricesWorld('items', ['AAA'], T0 + into)
        const { clock } = world
        const limits = { ...world.work.upstream.limits, perMinute, concurrency, burst: 4 }
        const work = { ...world.work, upstream: { ...world.work.upstream, limits } }
        const policy = { header: 'used', limit: mark, share: 1 }
        const counts = new Map<number, number>()
        const callTimes: { readonly at: number; readonly run: number }[] = []
        const cooledDown: { readonly at: number; readonly run: number; readonly until: number }[] = []
        const oneRun = async (calls: number, run: number) => {
          const caller = {
            owner: `run-${run}`,
            deadline: T0 + 5 * HOUR,
            countsForBreaker: true,
            forOperator: false,
            isInteractive: false,
          }
          const budget = await CallBudget.open(calls, caller, work)
          if (budget.status === 'blocked') throw new Error(budget.message)
          const makeCall = () =>
            budget.call(async () => {
              const at = clock.now()
              callTimes.push({ at, run })
              const minute = Math.floor(at / MINUTE)
              counts.set(minute, (counts.get(minute) ?? 0) + 1)
              await clock.sleep(latency)
              const usage = usageOf({ used: String(counts.get(minute)) }, policy, at)
              if (usage?.coolDown) cooledDown.push({ at: clock.now(), run, until: usage.coolDown.until })
              return { usage }
            })
          await Promise.all(Array.from({ length: calls }, makeCall))
          await budget.close()
        }

        await Promise.all(runs.map(oneRun))

        expect(callTimes).toHaveLength(runs.reduce((sum, calls) => sum + calls, 0))
        expect(mostInAMinute(callTimes.map(({ at }) => at))).toBeLessThanOrEqual(perMinute)
        for (const { at, run, until } of cooledDown) {
          const between = callTimes.filter((start) => start.at > at && start.at < until)
          expect(between.filter((start) => start.run === run)).toEqual([])
          expect(between.filter((start) => start.at > at + SLOW)).toEqual([])
        }
      },
    ),
    { numRuns: runs(40, 10) },
  )
})
