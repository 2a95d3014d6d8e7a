import { priceBody, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'
import { gate, median, note, shuffled } from './measure.ts'

/*
 * Processor time of a refresh per entry, over a table that already has all entries, with the engine in memory: how it
 * grows with the number of entries. Prints each number of entries against a hundred, with its gate.
 */

const SIZES = [100, 1_000, 10_000]
const ROUNDS = 5
const MOST = 1.3

const FAST = {
  mode: 'plain',
  deadline: '5 minutes',
  attempts: 1,
  backoff: '1 second',
  concurrency: 20,
} as const

const T0 = Date.UTC(2026, 10, 20, 12, 1, 0)
const MINUTE = 60_000

for (const stored of ['items', 'snapshot'] as const) {
  await perEntryUs(stored, 100)
  const times = new Map<number, number[]>(SIZES.map((size) => [size, []]))
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const size of shuffled(SIZES)) times.get(size)?.push(await perEntryUs(stored, size))
  }
  const base = median(times.get(SIZES[0] ?? 0) ?? [])
  note(`${stored}: microseconds of processor time per entry, at ${SIZES[0]} entries`, base)
  for (const size of SIZES.slice(1))
    gate(`${stored}: the same at ${size} entries, of that`, median(times.get(size) ?? []) / base, MOST)
}

/** Processor time per entry of the second refresh of a set, in microseconds. */
async function perEntryUs(stored: 'items' | 'snapshot', size: number): Promise<number> {
  const rounds = Math.max(1, Math.round(2_000 / size))
  let total = 0
  for (let round = 0; round < rounds; round += 1) {
    const world = pricesWorld(stored, symbolNames(size), T0, { change: { run: FAST } })
    const { upstream } = world.work
    const limits = { ...upstream.limits, perMinute: 1e9, burst: 1e6, concurrency: 20 }
    Object.assign(world.work, { upstream: { ...upstream, limits } })
    let price = 1
    world.script(({ url }) => ({ status: 200, body: priceBody(url, price, world.clock.now()) }))
    await world.tick(T0)
    price = 2
    world.clock.advance(5 * MINUTE)
    const before = process.cpuUsage()
    const run = await world.tick(T0 + 5 * MINUTE)
    const { user, system } = process.cpuUsage(before)
    if (run.counts?.published !== size)
      throw new Error(`expected ${size} published, got ${JSON.stringify(run)}`)
    total += (user + system) / size
  }
  return total / rounds
}
