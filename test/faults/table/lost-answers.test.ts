import { describe, expect, test } from 'vitest'
import { atEachWrite, atWrite } from './at-write.ts'
import { changingPrices, KINDS, NEW, OLD, storedState } from './changing-prices.ts'
import { type PriceSystem, publishedSystem, tickTime } from './price-processes.ts'
import { publications } from './table-writes.ts'
import { embedded, type FailingTable, inMemory, onBoth } from './tables.ts'

const engine = embedded()

/** A second delivery tries to open the record, then counts itself. */
const DUPLICATE_COUNT = 2

async function loseAnswer({ table, tick }: PriceSystem<FailingTable>, nth: number) {
  const { script, struck } = atWrite(nth, 'lost' as const)
  table.script(script)
  await tick(1)
  return struck()
}

async function expectAsIfNothingHappened(system: PriceSystem<FailingTable>, nth: number) {
  const { lease, ...state } = await system.table.truth.states.get(system.work.job.id)
  const at = `write ${nth}`
  expect(await system.record(1), at).toMatchObject({
    status: 'succeeded',
    duplicates: 0,
    counts: { planned: 3, published: 2, unchanged: 1, superseded: 0, failed: 0 },
  })
  expect(state, at).toMatchObject({ lastTick: tickTime(1), consecutiveFailures: 0 })
  expect(lease, at).toBeUndefined()
  expect(await system.reader().prices(), at).toEqual(NEW)
}

describe.each(KINDS)('any write of %s that is done, but whose answer is lost,', (stored) => {
  test('has one effect, and the run ends as if nothing had happened', async () => {
    await atEachWrite(async (nth) => {
      const system = await changingPrices(stored, engine({ sendsStored: true }))

      const struck = await loseAnswer(system, nth)

      const done = publications(system.table.wire.done)
      expect(done, `write ${nth}`).toHaveLength(new Set(done).size)
      await expectAsIfNothingHappened(system, nth)
      return struck
    })
  })

  test('leaves no trace in the in-memory model', async () => {
    await atEachWrite(async (nth) => {
      const system = await changingPrices(stored, inMemory)

      const struck = await loseAnswer(system, nth)

      await expectAsIfNothingHappened(system, nth)
      return struck
    })
  })
})

describe.each(onBoth(engine()))('on %s', (_name, open) => {
  test('a run of one key ends as if nothing had happened, whichever write of it loses its answer', async () => {
    await atEachWrite(async (nth) => {
      const system = await changingPrices('items', open)
      const { script, struck } = atWrite(nth, 'lost' as const)
      system.table.script(script)

      const run = await system.run({ cause: 'operator', key: 'S000' })

      const at = `write ${nth}`
      const { runs, states } = system.table.truth
      expect(await runs.get(run.job, run.id), at).toMatchObject({
        status: 'succeeded',
        counts: { published: 1 },
      })
      expect((await states.get(run.job)).lastTick, at).toBe(tickTime(0))
      expect(await system.reader().prices(), at).toEqual({ ...OLD, S000: '11' })
      return struck()
    })
  })

  test.each(KINDS)('a run that only confirms %s does so too', async (stored) => {
    await atEachWrite(async (nth) => {
      const system = await publishedSystem(stored, open)

      const struck = await loseAnswer(system, nth)

      const at = `write ${nth}`
      const { head, items } = await storedState(system)
      const kept = { fetchedAt: tickTime(0), checkedAt: tickTime(1) }
      expect(await system.record(1), at).toMatchObject({ status: 'unchanged', counts: { unchanged: 3 } })
      for (const one of stored === 'items' ? items.values() : [head]) expect(one, at).toMatchObject(kept)
      return struck
    })
  })

  test('a duplicate whose count loses its answer is counted once (F23)', async () => {
    const system = await publishedSystem('items', open)
    const { script } = atWrite(DUPLICATE_COUNT, 'lost' as const)
    system.table.script(script)

    await system.tick(0)

    expect(await system.record(0)).toMatchObject({ duplicates: 1 })
  })
})
