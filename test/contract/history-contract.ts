import { beforeEach, describe, expect, it } from 'vitest'
import type { OperatorStore } from '#shared/domain/ports/store.ts'
import type { HistoryRow } from '#shared/domain/records/publication.ts'
import { T0 } from '#test/fakes/store/samples.ts'

const DAY = 86_400_000

/** A row of so many days before, kept for 90 days. */
export function historyRow(daysAgo: number, change: Partial<HistoryRow> = {}): HistoryRow {
  const at = T0 - daysAgo * DAY
  return { kind: 'daily', entity: 'AAPL', at, data: { daysAgo }, expiresAt: at + 90 * DAY, ...change }
}

const ALL = { from: 0, to: T0 + DAY, limit: 1_000 }

/** What every store promises about the clearance of histories. `make` gives an empty store. */
export function historyContract(make: () => Promise<Pick<OperatorStore, 'history'>>): void {
  let history: OperatorStore['history']
  beforeEach(async () => {
    history = (await make()).history
  })

  const daysLeft = async (entity = 'AAPL', kind = 'daily', job = 'job-one') =>
    (await history.list(job, kind, entity, ALL)).map(({ at }) => (T0 - at) / DAY)

  describe('rows of history', () => {
    it('are removed before a time, and those of this time and later stay', async () => {
      await history.put('job-one', [historyRow(92), historyRow(91), historyRow(90), historyRow(89)])

      const removed = await history.remove('job-one', 'daily', 'AAPL', { before: T0 - 90 * DAY })

      expect(removed).toBe(2)
      expect(await daysLeft()).toEqual([89, 90])
      expect(await history.count('job-one', 'daily', 'AAPL')).toBe(2)
    })

    it('are removed of one job, kind and entity only', async () => {
      await history.put('job-one', [
        historyRow(91),
        historyRow(91, { entity: 'AAPL.L' }),
        historyRow(91, { kind: 'hourly' }),
      ])
      await history.put('job-two', [historyRow(91)])

      await history.remove('job-one', 'daily', 'AAPL', {})

      expect(await daysLeft()).toEqual([])
      expect(await daysLeft('AAPL.L')).toEqual([91])
      expect(await daysLeft('AAPL', 'hourly')).toEqual([91])
      expect(await daysLeft('AAPL', 'daily', 'job-two')).toEqual([91])
    })

    it.each([1, 24, 25, 26, 60])(
      'are removed up to %i, the oldest first, and then the others',
      async (limit) => {
        const rows = Array.from({ length: 61 }, (_, index) => historyRow(index + 100))
        await history.put('job-one', [...rows, historyRow(1)])
        const removal = { before: T0 - 90 * DAY, limit }

        const first = await history.remove('job-one', 'daily', 'AAPL', removal)
        const left = await daysLeft()
        const others = await history.remove('job-one', 'daily', 'AAPL', { before: removal.before })

        expect(first).toBe(limit)
        expect(Math.max(...left)).toBe(160 - limit)
        expect(others).toBe(61 - limit)
        expect(await daysLeft()).toEqual([1])
      },
    )

    it('are removed at once by two removals, which leave none', async () => {
      await history.put(
        'job-one',
        Array.from({ length: 80 }, (_, index) => historyRow(index + 100)),
      )

      await Promise.all([
        history.remove('job-one', 'daily', 'AAPL', { before: T0 }),
        history.remove('job-one', 'daily', 'AAPL', { before: T0 }),
      ])

      expect(await history.count('job-one', 'daily', 'AAPL')).toBe(0)
    })

    it('of which none is stored are none', async () => {
      expect(await history.remove('job-one', 'daily', 'AAPL', { before: T0 })).toBe(0)
      expect(await history.count('job-one', 'daily', 'AAPL')).toBe(0)
      expect(await history.entities('job-one', 'daily')).toEqual([])
    })

    it('are counted also after they expire, and also those that cannot be believed, until they are removed', async () => {
      await history.put('job-one', [historyRow(500), historyRow(1), historyRow(20_000_000)])

      expect(await daysLeft()).toEqual([1, 500])
      expect(await history.count('job-one', 'daily', 'AAPL')).toBe(3)
      expect(await history.remove('job-one', 'daily', 'AAPL', {})).toBe(3)
    })
  })

  describe('entities with rows of history', () => {
    it('are listed by job and kind, sorted, each once', async () => {
      await history.put('job-one', [historyRow(2, { entity: 'B' }), historyRow(1, { entity: 'B' })])
      await history.put('job-one', [
        historyRow(1, { entity: 'A' }),
        historyRow(1, { kind: 'daily-2', entity: 'C' }),
      ])
      await history.put('job-two', [historyRow(1, { entity: 'D' })])

      expect(await history.entities('job-one', 'daily')).toEqual(['A', 'B'])
      expect(await history.entities('job-one', 'daily-2')).toEqual(['C'])
      expect(await history.entities('job-one', 'other')).toEqual([])
      expect(await history.entities('job-two', 'daily')).toEqual(['D'])
    })

    it.each(['BRK.B', 'a#b', 'ü', '~', ' ', '日本'])('may have any name: %j', async (entity) => {
      await history.put('job-one', [historyRow(1, { entity })])

      expect(await history.entities('job-one', 'daily')).toEqual([entity])
      expect(await history.remove('job-one', 'daily', entity, {})).toBe(1)
    })

    it('are listed although no run writes them any more, as long as they have rows', async () => {
      await history.put('job-one', [historyRow(80, { entity: 'GONE' })])
      await history.put('job-one', [historyRow(0)])

      expect(await history.entities('job-one', 'daily')).toEqual(['AAPL', 'GONE'])
    })
  })
}
