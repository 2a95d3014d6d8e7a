import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { price, symbol } from '#shared/upstreams/fields.ts'
import { readSetRows } from '#shared/upstreams/set-rows.ts'

const row = z.object({ symbol: symbol(), price: price('number') })

const read = (list: readonly unknown[], storedKeys?: Iterable<string>) =>
  readSetRows(list, row, { nameOf: (each) => each.symbol, rawName: 'symbol', storedKeys })

const BTC = { symbol: 'BTC', price: 91_234 }
const BENT = { symbol: 'ETH', price: 0 }

describe('the rows of a stored set', () => {
  it('are those of the list, in order', () => {
    expect(read([BTC, { symbol: 'ETH', price: 3_051 }], ['SOL'])).toEqual({
      rows: [
        { symbol: 'BTC', price: '91234' },
        { symbol: 'ETH', price: '3051' },
      ],
      lost: [],
      missing: [],
    })
  })

  it('keep a stored value whose row cannot be read: it is missing, not lost', () => {
    const { rows, lost, missing } = read([BTC, BENT], new Set(['BTC', 'ETH']))

    expect(rows).toEqual([{ symbol: 'BTC', price: '91234' }])
    expect(lost).toEqual([])
    expect(missing).toEqual([{ key: 'ETH', message: expect.stringContaining('expected a price') }])
  })

  it('lose a row that cannot be read and is not stored', () => {
    const { lost, missing } = read([BTC, BENT], ['BTC'])

    expect(lost.map(({ name }) => name)).toEqual(['ETH'])
    expect(missing).toEqual([])
  })

  it('keep a stored value that is absent while a row without a name is lost, which could be its own', () => {
    const { lost, missing } = read([BTC, { price: 1 }], ['BTC', 'SOL'])

    expect(lost.map(({ name }) => name)).toEqual([undefined])
    expect(missing.map(({ key }) => key)).toEqual(['SOL'])
  })

  it('do not keep the value of a name of which a second row comes', () => {
    expect(read([BTC, BTC], ['BTC']).missing).toEqual([])
  })
})
