import { describe, expect, it } from 'vitest'
import { resultPages, type TaskResult } from '#functions/jobs/funding-rates/result-pages.ts'
import { rateRecordOf } from '#test/fakes/jobs/funding.ts'

const NO_CHANGES = { added: [], removed: [], total_added: 0, total_removed: 0 }

const many = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    rateRecordOf(`C${index}USDT`, `0.${String(index % 90).padStart(6, '0')}`),
  )

const result = ({ records = many(3), ...more }: Partial<TaskResult> = {}): TaskResult => ({
  records,
  fetchedSymbols: new Set(records.map(({ symbol }) => symbol)),
  mode: 'full',
  isPartial: false,
  rejected: 6,
  executionSeconds: 1.9,
  poolChanges: NO_CHANGES,
  timestamp: '2026-11-20T15:04:07Z',
  ...more,
})

describe('the result of a task', () => {
  it('is the documented one', () => {
    const records = [
      rateRecordOf('BTCUSDT', '0.0001'),
      rateRecordOf('AUSDT', '-0.004', '1', { intervalHours: 12 }),
      rateRecordOf('BUSDT', '0.004', '1', { intervalHours: 1 }),
    ]

    const [page] = resultPages(result({ records, isPartial: true }))

    expect(Object.keys(page?.contracts ?? {})).toEqual(['AUSDT', 'BUSDT', 'BTCUSDT'])
    expect(page).toEqual({
      status: 'partial',
      contracts: { AUSDT: records[1], BUSDT: records[2], BTCUSDT: records[0] },
      count: 3,
      real_time_count: 3,
      cached_count: 0,
      processed_count: 3,
      rejected_count: 6,
      execution_time: 1.9,
      mode: 'full',
      intervals: ['1h', '8h', '12h'],
      pool_changes: NO_CHANGES,
      page: 1,
      pages: 1,
      next_page: null,
      timestamp: '2026-11-20T15:04:07Z',
      note: '',
    })
  })

  it('of 586 contracts has three pages, together all of them in order, none too large for an item', () => {
    const records = many(586)

    const pages = resultPages(result({ records }))

    const shown = pages.flatMap(({ contracts }) => Object.values(contracts))
    expect(pages.map(({ contracts }) => Object.keys(contracts).length)).toEqual([200, 200, 186])
    expect(pages.map(({ page, pages: of, next_page }) => [page, of, next_page])).toEqual([
      [1, 3, 2],
      [2, 3, 3],
      [3, 3, null],
    ])
    expect(new Set(shown.map(({ symbol }) => symbol))).toEqual(new Set(records.map(({ symbol }) => symbol)))
    const rates = shown.map(({ funding_rate }) => Number(funding_rate))
    expect(rates).toEqual(rates.toSorted((a, b) => b - a))
    expect(pages.every(({ count, processed_count }) => count === 586 && processed_count === 586)).toBe(true)
    for (const page of pages) expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(300_000)
  })

  it('from the stored set says so, with the times that were stored', () => {
    const [page] = resultPages(result({ mode: 'cache_only', fetchedSymbols: new Set() }))

    expect(page).toMatchObject({ real_time_count: 0, cached_count: 3, mode: 'cache_only' })
    for (const contract of Object.values(page?.contracts ?? {})) {
      expect(contract).toMatchObject({ data_source: 'cached', last_updated: '2026-11-20T15:04:06Z' })
    }
  })

  it('labels each contract as fetched or as stored before', () => {
    const records = [rateRecordOf('BTCUSDT', '0.0002'), rateRecordOf('AUSDT', '0.0001')]

    const [page] = resultPages(result({ records, fetchedSymbols: new Set(['BTCUSDT']), isPartial: true }))

    expect(page).toMatchObject({
      count: 2,
      real_time_count: 1,
      cached_count: 1,
      contracts: { BTCUSDT: { data_source: 'real_time' }, AUSDT: { data_source: 'cached' } },
    })
  })

  it('of nothing is one empty page', () => {
    expect(resultPages(result({ records: [] }))).toMatchObject([
      { contracts: {}, count: 0, page: 1, pages: 1, next_page: null, intervals: [] },
    ])
  })

  it.each([
    [200, 1],
    [201, 2],
    [400, 2],
  ])('of %i contracts has %i pages', (count, pages) => {
    expect(resultPages(result({ records: many(count) }))).toHaveLength(pages)
  })
})
