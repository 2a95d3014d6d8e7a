import { describe, expect, test, vi } from 'vitest'
import type { StoreScript } from '#test/fakes/store/unreliable-store.ts'
import { changingPrices, KINDS, NEW, storedState } from './changing-prices.ts'
import { LEASE, MINUTE, type PriceSystem, tickTime } from './price-processes.ts'
import { embedded, type FailingTable, onBoth } from './tables.ts'

const engine = embedded()

describe.each(onBoth(engine()))('on %s', (_name, open) => {
  describe.each(KINDS)('%s', (stored) => {
    test('of two refreshers the older one, whose fetch ends last, is refused by the fence (F36)', async () => {
      const system = await changingPrices(stored, open)
      const reader = system.reader()
      const slow = Promise.withResolvers<void>()
      const older = system.tick(1, { answeredAfter: slow.promise })
      await waitForCalls(system, 6)
      system.quote(12)

      const newer = await system.tick(2)
      const published = await reader.prices()
      slow.resolve()
      const refused = await older

      expect(newer).toMatchObject({ status: 'succeeded', fence: 3 })
      expect(published).toEqual({ S000: '12', S001: '12', S002: '12' })
      expect(refused).toMatchObject({ status: 'skipped', reason: 'superseded', fence: 2 })
      system.world.clock.advance(MINUTE)
      expect(await reader.prices()).toEqual(published)
      const { lastTick, lease } = await system.table.truth.states.get(system.work.job.id)
      expect([lastTick, lease]).toEqual([tickTime(2), undefined])
    })

    test('an owner that freezes past its lease changes nothing when it wakes (F37)', async () => {
      const system = await changingPrices(stored, open)
      const reader = system.reader()
      const { frozen, thaw } = await freeze(system)
      system.world.clock.advance(LEASE)
      const second = await system.tick(1)
      const before = await storedState(system)

      thaw()
      await frozen

      expect(second).toMatchObject({ status: 'succeeded', fence: 3, duplicates: 1 })
      expect(await storedState(system)).toEqual(before)
      expect(await reader.prices()).toEqual(NEW)
      expect(system.world.lines.map(({ message }) => message)).toContainEqual(
        expect.stringContaining('taken over the run'),
      )
    })

    test('an owner that wakes while another is at its run ends neither that run nor its lease (F37)', async () => {
      const system = await changingPrices(stored, open)
      const reader = system.reader()
      const { frozen, thaw } = await freeze(system)
      system.world.clock.advance(LEASE)
      const slow = Promise.withResolvers<void>()
      const second = system.tick(1, { answeredAfter: slow.promise })
      await waitForCalls(system, 9)

      thaw()
      await frozen
      const { state, runs } = await storedState(system)
      slow.resolve()
      const { owner, status } = await second

      expect(runs[0]).toMatchObject({ status: 'running', owner })
      expect(state.lease).toMatchObject({ owner })
      expect(await system.record(1)).toMatchObject({ status, owner, fence: 3, duplicates: 1 })
      expect(await reader.prices()).toEqual(NEW)
    })

    test('the same tick twice at once: one run, one record with a duplicate count of 1 (F23)', async () => {
      const system = await changingPrices(stored, open)
      const reader = system.reader()

      const [first, second] = await Promise.all([system.tick(1), system.tick(1)])

      const outcomes = [first, second].map(({ status, reason }) => `${status} ${reason}`)
      expect(outcomes.sort()).toEqual(['skipped duplicate', 'succeeded undefined'])
      expect(await system.record(1)).toMatchObject({ status: 'succeeded', duplicates: 1, fence: 2 })
      expect(system.world.calls).toHaveLength(6)
      expect(await reader.prices()).toEqual(NEW)
    })

    test('a tick and an operator at once: the lease lets one ask, the other is skipped for overlap (F29)', async () => {
      const system = await changingPrices(stored, open)
      const reader = system.reader()

      const [first, second] = await Promise.all([system.tick(1), system.run({ cause: 'operator' })])

      const outcomes = [first, second].map(({ status, reason }) => `${status} ${reason}`)
      expect(outcomes.sort()).toEqual(['skipped overlap', 'succeeded undefined'])
      expect(system.world.calls).toHaveLength(6)
      expect(await reader.prices()).toEqual(NEW)
    })
  })
})

/** A tick that stops just before it publishes anything; `thaw` lets it go on. */
async function freeze({ tick }: PriceSystem<FailingTable>) {
  const stopped = Promise.withResolvers<void>()
  const warm = Promise.withResolvers<'pass'>()
  const fate: StoreScript = ({ part, writes }) => {
    if (!writes || (part !== 'items' && part !== 'snapshots')) return 'pass'
    stopped.resolve()
    return warm.promise
  }
  const frozen = tick(1, { fate })
  await stopped.promise
  return { frozen, thaw: () => warm.resolve('pass') }
}

/** Waits until the provider has been called this many times. */
function waitForCalls({ world }: PriceSystem<FailingTable>, times: number): Promise<void> {
  return vi.waitFor(() => expect(world.calls).toHaveLength(times), { interval: 1 })
}
