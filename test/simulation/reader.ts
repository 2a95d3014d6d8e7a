import { ReadCounts } from '#functions/reads/metrics.ts'
import { Reads } from '#functions/reads/reads.ts'
import type { Price } from '#test/fakes/jobs/prices.ts'
import type { World } from '#test/fakes/world/world.ts'
import type { invariants } from './invariants.ts'
import type { Chance } from './random.ts'

/** Much more than a replica of the table is ever behind. */
const LONGEST_LAG_MS = 60_000

interface Surroundings {
  readonly world: World<Price>
  readonly checks: ReturnType<typeof invariants>
  readonly chance: Chance
  readonly isQuiet: () => boolean
  readonly until: number
}

/** One process that reads now and then, from replicas that are behind or do not answer; at the end all is fresh (I12). */
export async function frailReader(id: number, { world, checks, chance, isQuiet, until }: Surroundings) {
  const { job, ports } = world.work
  const paths = job.stored === 'snapshot' ? ['all'] : ['S000', 'S001', 'S002']
  const replica = async (_job: string, key: string, { consistent = false } = {}) => {
    if (!isQuiet() && chance.is(0.1)) throw new Error('simulated: the table is down')
    return checks.replica<never>(`${job.id} ${key}`, consistent ? 0 : chance.between(0, LONGEST_LAG_MS))
  }
  const { entries } = ports.store.snapshots
  const store = {
    ...ports.store,
    items: { ...ports.store.items, get: replica },
    snapshots: { head: replica, entries },
  }
  const reads = new Reads([job], '0.0.0', { ...ports, store, counts: new ReadCounts('test', ports.clock) })
  const get = (key: string) =>
    reads.handle({ method: 'GET', path: key === 'all' ? '/test/prices' : `/test/prices/${key}`, headers: {} })

  while (world.clock.now() < until) {
    const key = chance.pick(paths)
    const result = await get(key)
    if (result.statusCode === 200) checks.served(id, `${job.id} ${key}`, result)
    await world.clock.sleep(chance.between(1_000, 40_000))
  }
  for (const key of paths) checks.fresh(key, await get(key))
}
