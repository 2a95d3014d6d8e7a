import { describe, expect, test } from 'vitest'
import type { WireFault } from '#test/fakes/table/unreliable-table.ts'
import { changingPrices, KINDS, NEW, OLD } from './changing-prices.ts'
import { INTERVAL, MINUTE, priceSystem } from './price-processes.ts'
import { embedded, onBoth } from './tables.ts'

const engine = embedded()

/** What a table that is down may look like from here. */
const OUTAGES: readonly (readonly [string, WireFault])[] = [
  ['cuts every connection', 'reset'],
  ['takes every request and never answers', 'hang'],
  ['stops in the middle of every answer', 'stall'],
  ['refuses access', { error: 'AccessDeniedException' }],
  ['answers 500', { error: 'InternalServerError' }],
]

describe.each(OUTAGES)('a table that %s', (_what, fate) => {
  test.each(KINDS)(
    'fails a refresh of %s cleanly, and it recovers without an operator (F58)',
    async (stored) => {
      const system = await changingPrices(stored, engine())
      const reader = system.reader()
      const before = await reader.get()
      system.world.clock.advance(MINUTE)
      system.table.wire.script(() => fate)
      system.table.wait(0.02)

      const run = system.tick(1)

      await expect(run).rejects.toThrow()
      const copy = await reader.get()
      system.table.heal()
      expect(copy).toMatchObject({ statusCode: 200, body: before.body })
      expect(copy.headers['cache-status']).toContain('table-unavailable')
      expect(await reader.prices()).toEqual(OLD)
      expect(await system.tick(2)).toMatchObject({ status: 'succeeded' })
      expect(await system.reader().prices()).toEqual(NEW)
    },
  )
})

describe.each(onBoth(engine()))('on %s', (_name, open) => {
  test.each(KINDS)(
    'reads of %s degrade step by step: fresh copy, stale copy, 503 with Retry-After; and recover (F58)',
    async (stored) => {
      const system = await changingPrices(stored, open)
      const { clock } = system.world
      const reader = system.reader()
      const start = clock.now()
      await reader.get()
      system.table.script(() => 'refuse')

      const answers = []
      for (const minute of [1, 9, 11, 359, 361]) {
        clock.advance(start + minute * MINUTE - clock.now())
        answers.push(await reader.get())
      }
      system.table.heal()
      await system.tick(80)
      const after = await reader.get()

      expect(answers.map(({ statusCode, headers }) => [statusCode, headers['x-cache']])).toEqual([
        [200, 'HIT'],
        [200, 'HIT'],
        [200, 'STALE'],
        [200, 'STALE'],
        [503, undefined],
      ])
      expect(answers.slice(0, 4).every(({ headers }) => headers['cache-status'] !== undefined)).toBe(true)
      expect(answers.at(-1)?.headers['retry-after']).toBe('30')
      expect(after).toMatchObject({ statusCode: 200, headers: { 'x-cache': 'HIT' } })
    },
  )

  test.each(KINDS)(
    'a system whose first hour has no table begins as soon as it has one: %s (F58)',
    async (stored) => {
      const system = await priceSystem(stored, open)
      system.quote(10)
      system.table.script(() => 'refuse')

      const first = await Promise.allSettled([0, 1, 2].map((tick) => system.tick(tick)))
      const down = await system.reader().get()
      system.table.heal()
      system.world.clock.advance(INTERVAL)
      const next = await system.tick(12)

      expect(first.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
      expect(system.world.calls).toHaveLength(3)
      expect(down).toMatchObject({ statusCode: 503, headers: { 'retry-after': '30' } })
      expect(next).toMatchObject({ status: 'succeeded', counts: { published: 3 } })
      expect(await system.reader().prices()).toEqual(OLD)
    },
  )
})

test('a missing permission is not retried again and again (F58)', async () => {
  const system = await changingPrices('items', engine())
  const { wire } = system.table
  wire.script(() => ({ error: 'AccessDeniedException' }))
  const before = wire.requests.length

  await expect(system.tick(1)).rejects.toMatchObject({ name: 'AccessDeniedException' })

  expect(wire.requests.slice(before).map(({ attempt }) => attempt)).not.toContain(2)
})
