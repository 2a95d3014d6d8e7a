import fc from 'fast-check'
import { expect, test } from 'vitest'
import { simulatedProfile } from '#infra/local/simulated/profile.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { CallBudget } from '#shared/engine/rate-limit/call-budget.ts'
import { checkIns } from '#shared/upstreams/check-ins.ts'
import { pricesWorld } from '#test/fakes/jobs/prices.ts'
import { runs } from '#test/support/runs.ts'

const T0 = Date.UTC(2026, 10, 20, 12)
const MINUTE = 60_000

test('jobs that call the check-in provider at once have one call under way, and starts as far apart as the setting states', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(1_000, 2_500, 3_000, 9_999),
      fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 4 }),
      // an attempt ends after 10 s
      fc.integer({ min: 0, max: 10_000 }),
      async (spacingMs, jobs, latencyMs) => {
        const { clock, work } = pricesWorld('items', ['AAA'], T0)
        const upstream = resolveUpstream(checkIns, {
          ...simulatedProfile(['check-ins'], {}),
          CHECKINS_MIN_SPACING_MS: String(spacingMs),
        })
        const startTimes: number[] = []
        let [open, mostOpen] = [0, 0]
        const runJob = async (calls: number, index: number) => {
          const caller = {
            owner: `run-${index}`,
            deadline: T0 + 30 * MINUTE,
            countsForBreaker: true,
            forOperator: false,
            isInteractive: false,
          }
          const budget = await CallBudget.open(calls, caller, { ...work, upstream })
          if (budget.status === 'blocked') throw new Error(`expected a budget, got ${budget.message}`)
          for (let call = 0; call < calls; call += 1) {
            await budget.call(async () => {
              startTimes.push(clock.now())
              open += 1
              mostOpen = Math.max(mostOpen, open)
              await clock.sleep(latencyMs)
              open -= 1
              return {}
            })
          }
          await budget.close()
        }

        await Promise.all(jobs.map(runJob))

        const gaps = startTimes.slice(1).map((at, index) => at - (startTimes[index] ?? 0))
        expect(startTimes).toHaveLength(jobs.reduce((sum, calls) => sum + calls, 0))
        expect(Math.min(...gaps, Number.POSITIVE_INFINITY)).toBeGreaterThanOrEqual(spacingMs)
        expect(mostOpen).toBe(1)
      },
    ),
    { numRuns: runs(300, 25) },
  )
})
