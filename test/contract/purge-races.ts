import { expect } from 'vitest'
import type { OperatorStore } from '#shared/domain/ports/store.ts'
import { run } from '#shared/engine/run.ts'
import { priceBody, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'
import { unreliableStore } from '#test/fakes/store/unreliable-store.ts'
import { operator } from '#test/fakes/world/clients.ts'

const START = Date.UTC(2026, 10, 20, 12, 1)
const MINUTE = 60_000
const SYMBOLS = symbolNames(3)

/** Chance that time passes a lease during one call of the store. */
const FREEZE = 0.01

/**
 * Purges and runs of one job at the same time, in an order by `seed`: of all and of one key, some of them killed, some
 * frozen past their lease. Afterwards each stored item is listed, and one purge of all removes everything.
 */
export async function racePurges(
  stored: 'items' | 'snapshot',
  store: OperatorStore,
  seed: number,
): Promise<void> {
  const random = seededRandom(seed)
  const world = pricesWorld(stored, SYMBOLS, START)
  const { job, ports } = world.work
  const pick = <T>(all: readonly T[]) => all[Math.floor(random() * all.length)] as T
  let price = 0
  world.script(({ url }) => {
    price += 1
    return { status: 200, body: priceBody(url, price, START + price) }
  })

  const process = (callsUntilDeath: number) => {
    const death = Promise.withResolvers<void>()
    let calls = 0
    const script = async () => {
      for (let hop = Math.floor(random() * 6); hop > 0; hop -= 1) await null
      if (random() < FREEZE) world.clock.advance(3 * MINUTE)
      calls += 1
      return calls > callsUntilDeath ? ('die' as const) : ('pass' as const)
    }
    const unreliable = unreliableStore(store, script, () => death.resolve()) as OperatorStore
    return { store: unreliable, death: death.promise }
  }
  const lifetime = () => (random() < 0.2 ? Math.floor(random() * 12) : Number.POSITIVE_INFINITY)
  const key = () => (stored === 'items' && random() < 0.5 ? { key: pick(SYMBOLS) } : {})
  const startRun = async (event: string) => {
    const one = process(lifetime())
    const work = { ...world.work, ports: { ...ports, store: one.store } }
    const request = { cause: 'operator', event: { id: event, at: world.clock.now() }, ...key() } as const
    await Promise.race([run(request, work).catch(() => {}), one.death])
  }
  const startPurge = async () => {
    const one = process(lifetime())
    const which = key()
    const body = { ...('key' in which ? which : { all: true }), confirm: job.id }
    const purging = operator(world, { store: one.store }).post(`/v1/jobs/${job.id}/purge`, body)
    await Promise.race([purging, one.death])
  }

  if (random() < 0.7)
    await run(
      { cause: 'operator', event: { id: 'first', at: START } },
      { ...world.work, ports: { ...ports, store } },
    )
  world.clock.advance(1_000)
  const actors = Array.from({ length: 2 + Math.floor(random() * 4) }, (_, index) =>
    random() < 0.5 ? startPurge() : startRun(`${seed}-${index}`),
  )
  await Promise.all(actors)
  world.clock.advance(10 * MINUTE)

  const listed = await store.keys.list(job.id)
  const present = await store.items.getMany(job.id, SYMBOLS)
  expect(listed, `keys listed with seed ${seed}`).toEqual(expect.arrayContaining([...present.keys()]))

  const last = await operator(world, { store }).post(`/v1/jobs/${job.id}/purge`, {
    all: true,
    confirm: job.id,
  })
  expect(last.status, `status with seed ${seed}: ${last.text}`).toBe(200)
  const left = await store.items.getMany(job.id, SYMBOLS)
  const head = await store.snapshots.head(job.id, 'all', { consistent: true })
  expect([left.size, head, await store.keys.list(job.id)], `left with seed ${seed}`).toEqual([
    0,
    undefined,
    [],
  ])

  const request = { cause: 'operator', event: { id: 'again', at: world.clock.now() } } as const
  const again = await run(request, { ...world.work, ports: { ...ports, store } })
  expect(again, `run with seed ${seed}`).toMatchObject({ status: 'succeeded', counts: { published: 3 } })
}

function seededRandom(seed: number): () => number {
  let state = (seed * 7_919 + 1) % 2_147_483_647
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_648
  }
}
