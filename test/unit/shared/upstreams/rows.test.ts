import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { privateField } from '#shared/upstreams/field.ts'
import { price, symbol } from '#shared/upstreams/fields.ts'
import { listFault } from '#shared/upstreams/lists.ts'
import { expectFewLost, readPrivateRows, readRows } from '#shared/upstreams/rows.ts'

const row = z.object({ symbol: symbol(), price: price('text') })
const read = (list: readonly unknown[]) => readRows(list, row, (one) => one.symbol)

describe('rows of a list', () => {
  it('are read one by one: a bent one is lost with its name and what was expected (F77)', () => {
    const good = { symbol: 'AUSDT', price: '1' }

    const { rows, lost } = read([good, { symbol: 'BUSDT', price: '-1' }, { price: '1' }, null, 7, []])

    expect(rows).toEqual([good])
    expect(lost.map(({ name }) => name)).toEqual(['BUSDT', undefined, undefined, undefined, undefined])
    expect(lost[0]?.message).toBe('price: expected a price as text from 1e-15 to 1000000000000, got "-1"')
  })

  it('of one name count once', () => {
    const { rows, lost } = read([
      { symbol: 'AUSDT', price: '1' },
      { symbol: 'AUSDT', price: '2' },
    ])

    expect(rows).toEqual([{ symbol: 'AUSDT', price: '1' }])
    expect(lost).toEqual([{ name: 'AUSDT', message: 'expected one row of AUSDT, got a second' }])
  })

  it('have no name that could spoil a log line', () => {
    const [lost] = read([{ symbol: `A\n${'B'.repeat(100)}`, price: '1' }]).lost

    expect(lost?.name).toMatch(/^A\\nB{1,37}$/)
  })
})

describe('rows with personal data', () => {
  const person = z.object({
    id: privateField('an id', (value) => (Number.isInteger(value) ? String(value) : undefined)),
  })
  const readPersons = (list: readonly unknown[]) => readPrivateRows(list, person, ({ id }) => id)

  it('are lost by their place, and no message has a value of them', () => {
    const { rows, lost } = readPersons([{ id: 1 }, { id: 'name' }, { id: 1 }, { id: 2.5 }, 'name', null])

    expect(rows).toEqual([{ id: '1' }])
    expect(lost.slice(0, 3)).toEqual([
      { name: 'row 2', message: 'id: expected an id, got a text of 4 characters' },
      { name: 'row 3', message: 'expected one row of each id, got a second' },
      { name: 'row 4', message: 'id: expected an id, got a number' },
    ])
    expect(lost.map(({ name }) => name)).toEqual(['row 2', 'row 3', 'row 4', 'row 5', 'row 6'])
    expect(JSON.stringify(lost)).not.toMatch(/"name"name|2\.5/)
  })
})

describe('an answer with lost rows', () => {
  const lost = [{ name: undefined, message: 'expected a price' }]

  it('is believed up to its share of them, and names the first one beyond', () => {
    expect(() => expectFewLost('prices', lost, { total: 10, maxShare: 0.1 })).not.toThrow()
    expect(() => expectFewLost('prices', [], { total: 0, maxShare: 0.1 })).not.toThrow()
    expect(() => expectFewLost('prices', lost, { total: 9, maxShare: 0.1 })).toThrow(
      'expected at most 10 % of 9 prices to be unusable, got 1; expected a price',
    )
  })
})

describe('a list', () => {
  const expectation = { name: 'rows', mayBeEmpty: false, maxShrink: 0.5, minCoverage: 0.5 }

  it.each([
    ['empty', { rows: 0 }, 'rows: expected at least 1 row, got an empty list'],
    [
      'with less than half of the stored rows',
      { rows: 38, storedRows: 78 },
      'rows: expected at least 39 rows after 78, got 38',
    ],
    [
      'that covers too little',
      { rows: 9, covered: 4, toCover: 10 },
      'rows: expected at least 5 of 10 expected rows, got 4',
    ],
  ])('%s is not believed (F76)', (_, size, fault) => {
    expect(listFault(expectation, size)).toBe(fault)
  })

  it('as long as expected is believed, and an empty one where that is an answer', () => {
    expect(listFault(expectation, { rows: 39, storedRows: 78, covered: 5, toCover: 10 })).toBeUndefined()
    expect(listFault({ ...expectation, mayBeEmpty: true }, { rows: 0 })).toBeUndefined()
    expect(listFault({ ...expectation, mayBeEmpty: true }, { rows: 0, storedRows: 1 })).toBeDefined()
  })
})
