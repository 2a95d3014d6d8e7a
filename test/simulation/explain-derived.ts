import type { Job } from '#shared/declare/job.ts'
import { explain } from '#shared/read/explain/explain.ts'
import { readExplainRecords } from '#shared/read/explain/read-records.ts'
import { type Price, symbolNames } from '#test/fakes/jobs/prices.ts'
import type { World } from '#test/fakes/world/world.ts'
import { causeContradiction, stateContradiction } from '#test/support/expectations/explain-contradictions.ts'
import { chance } from './random.ts'

/** Explains a job that has the job of the world as its input, at random moments until a time; calls `violate` for each lie. */
export async function explainDerived(
  { clock, store, work }: World<Price>,
  job: Job,
  seed: number,
  { until, violate }: { readonly until: number; readonly violate: (what: string) => void },
): Promise<void> {
  const luck = chance(seed * 6_101 + 7)
  const { upstream } = work
  const system = { jobs: [work.job, job], upstreams: new Map([[upstream.name, upstream]]) }
  while (clock.now() < until) {
    await clock.sleep(luck.between(2_000, 200_000))
    const key = luck.is(0.5) ? luck.pick(symbolNames(3)) : undefined
    const subject = { job, key }
    const now = clock.now()
    const explanation = explain(subject, system, await readExplainRecords(subject, system, store, now), now)
    const world = { clock, store, work: { job, upstream } }
    for (const what of [
      await stateContradiction(explanation, world),
      // a key is in the plan only while the input has an item under it
      await causeContradiction(explanation, world, () => false),
    ])
      if (what !== undefined) violate(what)
    for (const input of explanation.inputs) {
      const what = await stateContradiction(input, { clock, store, work: { job: work.job, upstream } })
      if (what !== undefined || input.state === 'fresh') violate(`input ${input.job}: ${what ?? 'is fresh'}`)
    }
    const { code, at } = explanation.next
    if (code === 'none' || at === undefined) violate(`expected a next event of ${job.id}, got ${code}`)
  }
}
