import { describe, expect, it } from 'vitest'
import {
  nextPool,
  type Pool,
  type PoolCheck,
  type PoolUpdate,
} from '#functions/jobs/funding-rates/rates/pool.ts'
import type { RateRecord } from '#functions/jobs/funding-rates/rates/rate-record.ts'
import { AT, poolCheckAt, rateRecordOf } from '#test/fakes/jobs/funding.ts'

const symbolsOf = ({ pool }: PoolUpdate) => pool.contracts.map(({ symbol }) => symbol)

/** Checks of the same venue one after the other, ten minutes apart; the pool of the last one, and all that it led to. */
function checks(sets: readonly (readonly RateRecord[])[], more: Partial<PoolCheck> = {}): PoolUpdate[] {
  let previous: Pool | undefined
  return sets.map((records, index) => {
    const checked = nextPool(previous, records, poolCheckAt(index, more))
    previous = checked.pool
    return checked
  })
}

const last = (all: PoolUpdate[]) => all.at(-1) as PoolUpdate

describe('the pool', () => {
  const market = [
    rateRecordOf('A', '0.0031', '2000000'),
    rateRecordOf('B', '-0.0045', '1000000'),
    rateRecordOf('C', '0.0099', '900000'),
    rateRecordOf('D', '0.0029', '9000000'),
    rateRecordOf('E', '0.003', '5000000'),
  ]

  it('holds high rates with enough volume, the highest first, both limits included', () => {
    expect(symbolsOf(nextPool(undefined, market, poolCheckAt(0)))).toEqual(['B', 'A', 'E'])
  })

  it('holds no more than it may', () => {
    expect(symbolsOf(nextPool(undefined, market, poolCheckAt(0, { maxSize: 2 })))).toEqual(['B', 'A'])
  })

  it('compares rates scaled to 8 hours if the basis says so', () => {
    const records = [
      rateRecordOf('A', '0.0004', '5000000', { intervalHours: 1 }),
      rateRecordOf('B', '0.0029', '5000000'),
      rateRecordOf('C', '0.003', '5000000', { intervalHours: 8 }),
      rateRecordOf('D', '0.003', '5000000', { intervalHours: 24 }),
    ]

    expect(symbolsOf(nextPool(undefined, records, poolCheckAt(0, { basis: '8h' })))).toEqual(['C', 'A'])
    expect(symbolsOf(nextPool(undefined, records, poolCheckAt(0)))).toEqual(['C', 'D'])
  })

  it('settles ties by volume, then by symbol, and holds nothing of unknown volume', () => {
    const records = [
      rateRecordOf('C', '0.005', '2000000'),
      rateRecordOf('B', '-0.005', '2000000'),
      rateRecordOf('A', '0.005', null),
      rateRecordOf('D', '0.005', '10000000'),
    ]

    expect(symbolsOf(nextPool(undefined, records, poolCheckAt(0)))).toEqual(['D', 'B', 'C'])
  })

  it('shows its contracts as documented', () => {
    const records = [
      rateRecordOf('AUSDT', '0.0045', '2000000', { intervalHours: 4 }),
      rateRecordOf('BUSDT', '-0.004', '2000000'),
      rateRecordOf('CUSDT', '0', '2000000'),
    ]

    const { pool } = nextPool(undefined, records, poolCheckAt(0, { threshold: 0 }))

    expect(pool.contracts[0]).toEqual({
      symbol: 'AUSDT',
      exchange: 'binance',
      funding_rate: '0.0045',
      funding_time: '2026-11-20T16:00:00Z',
      funding_interval: '4h',
      volume_24h: '2000000',
      mark_price: '10',
      annualized_rate: '9.855',
      direction: 'long pays',
    })
    expect(pool.contracts.map(({ direction }) => direction)).toEqual(['long pays', 'short pays', null])
    expect([pool.venue, pool.updated_at]).toEqual(['binance', '2026-11-20T15:04:07Z'])
  })

  it('survives JSON', () => {
    const first = nextPool(undefined, market, poolCheckAt(0)).pool

    const next = (previous: Pool) =>
      nextPool(previous, [rateRecordOf('B', '0.004', '2000000', { check: 1 })], poolCheckAt(1))

    expect(next(JSON.parse(JSON.stringify(first)))).toEqual(next(first))
  })
})

describe('changes of the pool', () => {
  it('are what came and what went, one session for each that went', () => {
    const { changes, sessions, pool, isRestart } = last(
      checks([
        [rateRecordOf('A', '0.004'), rateRecordOf('B', '0.005')],
        [
          rateRecordOf('A', '0.001', '5000000', { check: 1 }),
          rateRecordOf('B', '0.005', '5000000', { check: 1 }),
          rateRecordOf('E', '0.006', '5000000', { check: 1 }),
        ],
      ]),
    )

    expect(changes).toEqual({ added: ['E'], removed: ['A'], total_added: 1, total_removed: 1 })
    expect(pool.pool_changes).toEqual(changes)
    expect(sessions.map(({ symbol }) => symbol)).toEqual(['A'])
    expect(sessions[0]?.duration_minutes).toBe(10)
    expect(isRestart).toBe(false)
  })

  it('are none at the first check', () => {
    const { changes, isRestart } = nextPool(undefined, [rateRecordOf('A', '0.004')], poolCheckAt(0))

    expect(changes).toEqual({ added: [], removed: [], total_added: 0, total_removed: 0 })
    expect(isRestart).toBe(true)
  })

  it('are none after a change of the venue, which ends every session', () => {
    const [first] = checks([[rateRecordOf('A', '0.004'), rateRecordOf('B', '0.005')]])
    const records = [
      rateRecordOf('A', '0.004', '5000000', { venue: 'bybit', check: 1, markPrice: '11' }),
      rateRecordOf('C', '0.009'),
    ]

    const { changes, sessions, pool, isRestart, history } = nextPool(
      first?.pool,
      records,
      poolCheckAt(1, { venue: 'bybit' }),
    )

    expect(changes).toEqual({ added: [], removed: [], total_added: 0, total_removed: 0 })
    expect(isRestart).toBe(true)
    expect(pool.contracts.map(({ symbol, exchange }) => [symbol, exchange])).toEqual([['A', 'bybit']])
    expect(history.map(({ symbol, venue }) => [symbol, venue])).toEqual([['A', 'bybit']])
    expect(sessions.map((one) => [one.id, one.exchange, one.exit_reason, one.exit_price])).toEqual([
      ['2026-11-20_B_session_001', 'binance', 'venue_changed', '10'],
      ['2026-11-20_A_session_001', 'binance', 'venue_changed', '10'],
    ])
    expect(pool.open_sessions[0]?.id).toBe('2026-11-20_A_session_002')
  })
})

describe('a session', () => {
  it('sums up its records from entry to exit; the one that ended it is the exit alone', () => {
    const at = (check: number, rate: string, markPrice: string) => [
      rateRecordOf('A', rate, '5000000', { check, markPrice }),
    ]

    const { sessions } = last(
      checks([at(0, '0.004', '10'), at(1, '-0.007', '9.5'), at(2, '0.005', '12'), at(3, '0.001', '8')]),
    )

    expect(sessions).toEqual([
      {
        id: '2026-11-20_A_session_001',
        symbol: 'A',
        exchange: 'binance',
        entry_time: '2026-11-20T15:04:07Z',
        exit_time: '2026-11-20T15:34:07Z',
        entry_rate: '0.004',
        exit_rate: '0.001',
        entry_price: '10',
        exit_price: '8',
        max_rate: '0.005',
        min_rate: '-0.007',
        avg_rate: '0.0006666667',
        max_price: '12',
        min_price: '9.5',
        duration_minutes: 30,
        total_records: 3,
        exit_reason: 'below_threshold',
      },
    ])
  })

  it.each<[string, RateRecord[], Partial<PoolCheck>, string, string]>([
    ['its rate falls', [rateRecordOf('A', '0.0029')], {}, 'below_threshold', '0.0029'],
    ['its rate and its volume fall', [rateRecordOf('A', '0.001', '1')], {}, 'below_threshold', '0.001'],
    ['its volume falls', [rateRecordOf('A', '0.005', '999999.99')], {}, 'low_volume', '0.005'],
    ['its volume is unknown', [rateRecordOf('A', '0.005', null)], {}, 'low_volume', '0.005'],
    [
      'others are higher',
      [rateRecordOf('A', '0.005'), rateRecordOf('B', '0.006')],
      { maxSize: 1 },
      'capped',
      '0.005',
    ],
    ['there is no record any more', [rateRecordOf('B', '0.006')], {}, 'delisted', '0.004'],
    ['the threshold rises', [rateRecordOf('A', '0.004')], { threshold: 0.005 }, 'below_threshold', '0.004'],
  ])('ends when %s', (_, records, more, reason, rate) => {
    const { pool } = nextPool(undefined, [rateRecordOf('A', '0.004')], poolCheckAt(0))

    const { sessions } = nextPool(pool, records, poolCheckAt(1, more))

    expect(sessions.map((one) => [one.symbol, one.exit_reason, one.exit_rate])).toEqual([['A', reason, rate]])
  })

  it('of a contract that is gone ends with what was known last', () => {
    const { sessions } = last(
      checks([
        [rateRecordOf('A', '0.004')],
        [rateRecordOf('A', '0.006', '5000000', { check: 1, markPrice: '14' })],
        [rateRecordOf('B', '0.004')],
      ]),
    )

    expect(sessions).toMatchObject([{ exit_reason: 'delisted', exit_rate: '0.006', exit_price: '14' }])
  })

  it('is numbered by symbol and day of entry', () => {
    const high = (check: number) => [rateRecordOf('A', '0.004', '5000000', { check })]
    const low = (check: number) => [rateRecordOf('A', '0.001', '5000000', { check })]
    const day = 144

    const all = checks([high(0), low(1), high(2), low(3)])
    const thirdDay = nextPool(last(all).pool, high(day), poolCheckAt(day))
    const nextDay = nextPool(thirdDay.pool, low(day + 1), poolCheckAt(day + 1))

    expect([...all, nextDay].flatMap(({ sessions }) => sessions.map(({ id }) => id))).toEqual([
      '2026-11-20_A_session_001',
      '2026-11-20_A_session_002',
      '2026-11-21_A_session_001',
    ])
  })

  it('of a clock that goes back over midnight still gets an id of its own', () => {
    const before = poolCheckAt(0, { now: Date.UTC(2026, 10, 21, 0, 0, 1) })
    const open = nextPool(undefined, [rateRecordOf('A', '0.004')], before)
    const ended = nextPool(open.pool, [rateRecordOf('A', '0.001')], before)

    const again = nextPool(
      ended.pool,
      [rateRecordOf('A', '0.004')],
      poolCheckAt(0, { now: before.now - 2_000 }),
    )

    expect(ended.sessions[0]?.id).toBe('2026-11-21_A_session_001')
    expect(again.pool.open_sessions[0]?.id).toBe('2026-11-21_A_session_002')
  })

  it('never lasts less than no time, whatever the clocks say', () => {
    const { pool } = nextPool(undefined, [rateRecordOf('A', '0.004')], poolCheckAt(5))

    const { sessions } = nextPool(pool, [rateRecordOf('A', '0.001')], poolCheckAt(4))

    expect(sessions[0]?.duration_minutes).toBe(0)
  })
})

describe('history', () => {
  it('has one row for each contract of the pool, at the time of its quote', () => {
    const records = [
      rateRecordOf('A', '0.004'),
      rateRecordOf('B', '0.001'),
      rateRecordOf('C', '-0.005', '7000000', { intervalHours: 4 }),
    ]

    expect(nextPool(undefined, records, poolCheckAt(0)).history).toEqual([
      {
        symbol: 'C',
        time: '2026-11-20T15:04:06Z',
        venue: 'binance',
        rate: '-0.005',
        interval_hours: 4,
        mark_price: '10',
        volume_24h: '7000000',
      },
      expect.objectContaining({ symbol: 'A', rate: '0.004' }),
    ])
  })

  it('has none of a contract that was carried over, and its session counts it once', () => {
    const old = [rateRecordOf('A', '0.004'), rateRecordOf('B', '0.005', '5000000', { at: AT - 60_000 })]
    const { pool } = nextPool(undefined, old, poolCheckAt(0))

    const next = nextPool(
      pool,
      [old[0] as RateRecord, rateRecordOf('B', '0.005', '5000000', { check: 1 })],
      poolCheckAt(1),
    )

    expect(next.history.map(({ symbol }) => symbol)).toEqual(['B'])
    expect(next.pool.open_sessions.map(({ symbol, records }) => [symbol, records])).toEqual([
      ['B', 2],
      ['A', 1],
    ])
  })
})
