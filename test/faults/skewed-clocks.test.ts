import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Http } from '#shared/domain/ports/http.ts'
import type { Store } from '#shared/domain/ports/store.ts'
import type { Publication } from '#shared/domain/records/publication.ts'
import { run } from '#shared/engine/run.ts'
import { priceBody, pricesWorld } from '#test/fakes/jobs/prices.ts'

const START = Date.UTC(2026, 10, 20, 12)
const MINUTE = 60_000

/** One run: how long after the one before it begins, by whose clock, and its provider's wait and age of data. */
interface Planned {
  readonly after: number
  readonly worker: number
  readonly latency: number
  readonly age: number
}

const planned = fc.record({
  after: fc.integer({ min: 0, max: 8 * MINUTE }),
  worker: fc.nat(1),
  latency: fc.integer({ min: 0, max: 4 * MINUTE }),
  age: fc.integer({ min: 0, max: 10 * MINUTE }),
})

const skew = fc.integer({ min: -10 * MINUTE, max: 10 * MINUTE })

/** What stood in the table from one moment on. */
type Version = Pick<Publication, 'fence' | 'asOf'>

describe.each(['items', 'snapshot'] as const)(
  'two workers with clocks ten minutes off, over a set of %s',
  (stored) => {
    test('never take a fence or a source time back (F69)', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.tuple(skew, skew),
          fc.array(planned, { minLength: 2, maxLength: 8 }),
          async (skews, plan) => {
            const { versions } = await lived(stored, skews, plan)

            for (const [index, later] of versions.slice(1).entries()) {
              const earlier = versions[index] as Version
              expect(later.fence, 'I1, I4: fences').toBeGreaterThan(earlier.fence)
              expect(later.asOf, 'I1: source times').toBeGreaterThanOrEqual(earlier.asOf)
            }
          },
        ),
        { numRuns: 200 },
      )
    })

    test('do not respect each other’s leases; the one that starts first and ends last is superseded (F69)', async () => {
      const slow = { after: 0, worker: 0, latency: 90_000, age: 0 }
      const ahead = { after: 1_000, worker: 1, latency: 0, age: 0 }

      const { versions, reasons } = await lived(stored, [0, 10 * MINUTE], [slow, ahead])

      expect(versions).toMatchObject([{ fence: 2, asOf: START + 1_000 }])
      expect(reasons).toEqual(['superseded', undefined])
    })
  },
)

/** Runs over one store, each by the clock of its worker; what they published in order, and why they ended. */
async function lived(stored: 'items' | 'snapshot', skews: readonly number[], plan: readonly Planned[]) {
  const world = pricesWorld(stored, ['AAA'], START)
  const { clock, work } = world
  const versions: Version[] = []
  let last: unknown

  const noteVersion = () => {
    const { items, heads } = world.store.memory
    const now = items.get('prices-items AAA') ?? heads.get('prices-snapshot all')
    if (now && now !== last) versions.push(now)
    last = now
  }
  const runs = plan.map(async ({ worker, latency, age }, index) => {
    const begins = plan.slice(0, index + 1).reduce((sum, { after }) => sum + after, 0)
    const http: Http = async ({ url }) => {
      await clock.sleep(latency)
      return { status: 200, headers: {}, body: JSON.stringify(priceBody(url, index, clock.now() - age)) }
    }
    const now = () => clock.now() + (skews[worker] ?? 0)
    const store = watched(world.store, noteVersion)
    const ports = { ...work.ports, store, http, clock: { now, sleep: clock.sleep } }
    await clock.sleep(begins)
    return run({ cause: 'operator' }, { ...work, ports })
  })
  const reasons = (await Promise.all(runs)).map(({ reason }) => reason)
  return { versions, reasons }
}

/** A store that tells of each write that may have published something. */
function watched(store: Store, afterWrite: () => void): Store {
  const then =
    <A extends readonly unknown[], R>(write: (...all: A) => Promise<R>) =>
    async (...all: A) => {
      const result = await write(...all)
      afterWrite()
      return result
    }
  const { items, snapshots } = store
  return {
    ...store,
    items: { ...items, put: then(items.put), confirm: then(items.confirm) },
    snapshots: { ...snapshots, publish: then(snapshots.publish), confirm: then(snapshots.confirm) },
  }
}
