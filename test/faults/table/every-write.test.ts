import { describe, expect, test } from 'vitest'
import { isSuccess } from '#shared/domain/outcome.ts'
import { atEachWrite, atWrite, fromWrite, type Strike } from './at-write.ts'
import { changingPrices, expectOldOrNew, KINDS, NEW } from './changing-prices.ts'
import { INTERVAL, MINUTE, type PriceSystem } from './price-processes.ts'
import { embedded, type FailingTable, onBoth } from './tables.ts'

const engine = embedded()

type System = PriceSystem<FailingTable>

/** Begins a tick that goes wrong at its nth write; it throws, or ends somehow. */
type Ordeal = (
  system: System,
  nth: number,
) => { readonly run: Promise<unknown>; readonly struck: () => boolean }

const ORDEALS: readonly (readonly [string, Ordeal])[] = [
  ['is throttled for good (F53)', fault((nth) => atWrite(nth, 'refuse'))],
  ['finds the table down, and so does all after it (F58)', fault((nth) => fromWrite(nth, 'refuse'))],
  ['is the last: the process is killed after it (F33, F35)', death],
]

function fault(at: (nth: number) => Strike<'refuse'>): Ordeal {
  return ({ table, tick }, nth) => {
    const { script, struck } = at(nth)
    table.script(script)
    return { run: tick(1), struck }
  }
}

function death({ tick }: System, nth: number): ReturnType<Ordeal> {
  const { script, struck } = atWrite(nth, 'die-after' as const)
  return { run: tick(1, { fate: script }), struck }
}

describe.each(onBoth(engine()))('on %s', (_name, open) => {
  describe.each(KINDS)('any write of %s', (stored) => {
    test.each(ORDEALS)(
      'that %s leaves the old data or the new, and the next tick succeeds',
      async (_what, begin) => {
        await atEachWrite(async (nth) => {
          const system = await changingPrices(stored, open)
          const reader = system.reader()
          await system.watch()
          await reader.prices()

          const { run, struck } = begin(system, nth)
          await run.catch(() => undefined)
          system.table.heal()
          system.world.clock.advance(MINUTE)
          const between = await reader.prices()
          const next = await system.tick(2)

          const at = `write ${nth}`
          expectOldOrNew(between, stored, at)
          expect(next.status, at).toSatisfy(isSuccess)
          expect(await reader.prices(), at).toEqual(NEW)
          await expectOneOutcomeEach(system, [1, 2], at)
          return struck()
        })
      },
    )
  })
})

/** I5: once the watchdog has looked, every tick has one outcome, which a later look does not change. */
async function expectOneOutcomeEach({ world, record, watch }: System, ticks: readonly number[], at: string) {
  world.clock.advance(2 * INTERVAL)
  await watch()
  const ended = await Promise.all(ticks.map(record))
  await watch()
  for (const run of ended) {
    expect(run?.status, at).toMatch(/^(succeeded|unchanged|partial|failed|abandoned|missed)$/)
  }
  expect(await Promise.all(ticks.map(record)), at).toEqual(ended)
}
