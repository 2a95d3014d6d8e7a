import { expect } from 'vitest'
import { SNAPSHOT_KEY } from '#shared/domain/records/snapshot.ts'
import { type PriceSystem, publishedSystem, tickTime } from './price-processes.ts'
import type { FailingTable, Open } from './tables.ts'

/** The ways to be stored. */
export const KINDS = ['items', 'snapshot'] as const

type Prices = Readonly<Record<string, string>>

/** What is served before the next tick of {@link changingPrices}, and after it. */
export const OLD: Prices = { S000: '10', S001: '10', S002: '10' }
export const NEW: Prices = { S000: '11', S001: '10', S002: '11' }

/** A system that has published, whose next tick finds two prices of three changed. */
export async function changingPrices<T extends FailingTable>(
  stored: (typeof KINDS)[number],
  open: Open<T>,
): Promise<PriceSystem<T>> {
  const system = await publishedSystem(stored, open)
  system.quote(11, ['S000', 'S002'])
  return system
}

/** Every price is an old or a new one, none is missing; a snapshot is all old or all new. */
export function expectOldOrNew(prices: Prices, stored: (typeof KINDS)[number], at?: string): void {
  if (stored === 'snapshot') expect([OLD, NEW], at).toContainEqual(prices)
  expect(Object.keys(prices).sort(), at).toEqual(Object.keys(OLD))
  for (const [symbol, price] of Object.entries(prices))
    expect([OLD[symbol], NEW[symbol]], at).toContain(price)
}

/** Everything that stands in the table of the job: its data, its runs, its state. */
export async function storedState({ table: { truth }, work: { job } }: PriceSystem<FailingTable>) {
  return {
    items: await truth.items.getMany(job.id, Object.keys(OLD)),
    head: await truth.snapshots.head(job.id, SNAPSHOT_KEY),
    runs: await truth.runs.list(job.id, { from: 0, to: tickTime(100) }),
    state: await truth.states.get(job.id),
  }
}
