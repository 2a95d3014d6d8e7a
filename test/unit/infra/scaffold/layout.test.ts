import { describe, expect, it } from 'vitest'
import { answerTime, cursorMember, errorMember } from '#infra/scaffold/sample/envelope.ts'
import { inferRecord } from '#infra/scaffold/sample/infer.ts'
import { layoutOf } from '#infra/scaffold/sample/layout.ts'
import { rowKey } from '#infra/scaffold/sample/row-key.ts'

const CONTEXT = { now: Date.UTC(2026, 10, 28, 12), nameFault: () => undefined }
const ROWS = [
  { symbol: 'BTC', price: 1 },
  { symbol: 'ETH', price: 2 },
]
const BY_NAME = { BTC: { price: 1 }, ETH: { price: 2 } }

describe('where the records of a sample are', () => {
  it.each([
    ['a flat object', { pair: 'BTC-USD', price: 1 }, 'record', []],
    ['an object in a wrapper', { code: 0, data: { price: 1, status: 'x' } }, 'record', ['data']],
    ['a list', ROWS, 'list', []],
    ['a list in wrappers', { code: 0, result: { list: ROWS, category: 'spot' } }, 'list', ['result', 'list']],
    [
      'a list beside members about the answer',
      { markets: ROWS, total: 2, next_cursor: null },
      'list',
      ['markets'],
    ],
    ['a thing that has a list', { symbol: 'BTC', price: 1, venues: ROWS }, 'record', []],
    ['a map', BY_NAME, 'map', []],
    ['a map in a wrapper', { timestamp: 1, data: BY_NAME }, 'map', ['data']],
    ['a map with one row', { data: { BTC: { price: 1 } } }, 'map', ['data']],
    ['numbers by currency', { base: 'EUR', rates: { USD: 1.1, JPY: 170.5, GBP: 0.9 } }, 'map', ['rates']],
  ])('is inferred for %s', (_, body, kind, place) => {
    expect(layoutOf(body, undefined)).toMatchObject({ kind, place })
  })

  it('is what the author states', () => {
    expect(layoutOf({ data: BY_NAME }, 'none')).toMatchObject({ kind: 'record', place: [] })
    expect(layoutOf({ bid: { price: 1 }, ask: 7, more: { rows: ROWS } }, 'more.rows')).toMatchObject({
      kind: 'list',
    })
    expect(layoutOf({ usd: 1, eur: 2 }, '.')).toMatchObject({
      kind: 'map',
      isOfScalars: true,
      keys: ['usd', 'eur'],
    })
  })

  it.each([
    [
      'an empty list',
      { data: [] },
      undefined,
      '--from: expected a list with rows at data, got an empty list',
    ],
    [
      'rows that are lists',
      [[1, 2]],
      undefined,
      '--from: expected rows that are objects at the top of the sample, got lists',
    ],
    ['a number', 7, undefined, '--from: expected an object or a list at the top of the sample, got 7'],
    [
      'two lists',
      { asks: ROWS, bids: ROWS },
      undefined,
      '--rows: expected one of the lists asks, bids, or none for one record; got nothing',
    ],
    [
      'a place that it does not have',
      { data: {} },
      'data.items',
      '--rows: expected a place such as data.items, got data.items, but data has no member items',
    ],
  ])('is an error for %s', (_, body, rows, message) => {
    expect(() => layoutOf(body, rows)).toThrow(message)
  })
})

describe('the key of rows', () => {
  const keyOf = (rows: readonly object[], name?: string) => {
    const layout = layoutOf(rows, undefined)
    return rowKey(layout, inferRecord(layout.records, '*', CONTEXT).type, name)
  }

  it('is the one member with a distinct name in each row', () => {
    expect(keyOf(ROWS)).toEqual({ name: 'symbol', served: 'symbol', isNumber: false })
    expect(
      keyOf([
        { id: 1, open: true },
        { id: 2, open: true },
      ]),
    ).toMatchObject({ name: 'id', isNumber: true })
  })

  it.each([
    [
      'none',
      [{ price: 1.5 }, { price: 2 }],
      undefined,
      '--key: expected a member with a distinct name in every row, got none',
    ],
    [
      'several',
      [
        { symbol: 'BTC', name: 'Bitcoin' },
        { symbol: 'ETH', name: 'Ether' },
      ],
      undefined,
      '--key: expected one of symbol, name, which are all distinct in every row; got nothing',
    ],
    [
      'one whose values repeat',
      [
        { symbol: 'BTC', base: 'USD' },
        { symbol: 'ETH', base: 'USD' },
      ],
      'base',
      '--key: expected a member with a distinct name in every row (symbol), got base',
    ],
  ])('is an error with %s', (_, rows, name, message) => {
    expect(() => keyOf(rows, name)).toThrow(message)
  })

  it('of a map has the name that the author states, and its values can be keys', () => {
    const layout = layoutOf(BY_NAME, undefined)
    const { type } = inferRecord(layout.records, '*', CONTEXT)

    expect(rowKey(layout, type, undefined)).toMatchObject({ name: 'symbol' })
    expect(rowKey(layout, type, 'coin')).toMatchObject({ name: 'coin' })
    expect(() => rowKey(layout, type, 'price')).toThrow(
      '--key: expected a name for the keys of the map that no member has',
    )
    const spaced = layoutOf({ 'B T C': { price: 1 }, 'E T H': { price: 2 } }, undefined)
    expect(() => rowKey(spaced, type, undefined)).toThrow(
      '--from: expected keys of 2 to 40 letters, digits, _, - and ., got "B T C"',
    )
  })
})

describe('the member that states an error under status 200', () => {
  const memberOf = (body: object, name?: string) => errorMember(body, layoutOf(body, undefined), name)

  it.each([
    ['a code of 0', { code: 0, msg: 'ok', data: { price: 1 } }, { name: 'code', kind: 'code', success: 0 }],
    ['a code as text', { retCode: '0', data: { price: 1 } }, { name: 'retCode', kind: 'code', success: '0' }],
    ['a flag', { success: true, data: { price: 1 } }, { name: 'success', kind: 'flag' }],
    ['a word', { status: 'ok', result: { price: 1 } }, { name: 'status', kind: 'word', success: 'ok' }],
    ['an error of null', { error: null, result: { price: 1 } }, { name: 'error', kind: 'detail' }],
  ])('is %s', (_, body, expected) => {
    expect(memberOf(body)).toMatchObject(expected)
  })

  it('is none of the members of a record', () => {
    expect(memberOf({ symbol: 'BTC', status: 'ok', price: 1 })).toBeUndefined()
    expect(memberOf({ code: 'USD', data: { price: 1 } })).toBeUndefined()
  })

  it('is what the author states', () => {
    expect(memberOf({ state: 'fine', price: 1 }, 'state')).toMatchObject({ kind: 'word', success: 'fine' })
    expect(() => memberOf({ price: 1 }, 'state')).toThrow(
      '--error-member: expected a member of the top of the sample, got state',
    )
  })
})

describe('what stands around rows', () => {
  const cursorOf = (body: object) => cursorMember(body, layoutOf(body, undefined))

  it.each([
    ['beside them', { items: ROWS, next_cursor: 'abc' }, { place: ['next_cursor'], parameter: 'cursor' }],
    [
      'in an object beside them',
      { items: ROWS, meta: { nextCursor: null } },
      { place: ['meta', 'nextCursor'], parameter: 'cursor' },
    ],
    [
      'as a token',
      { items: ROWS, next_page_token: 'x' },
      { place: ['next_page_token'], parameter: 'page_token' },
    ],
  ])('has a cursor %s', (_, body, expected) => {
    expect(cursorOf(body)).toEqual(expected)
  })

  it('has none beside a record, and none that is a link', () => {
    expect(cursorOf({ price: 1, cursor: 'abc' })).toBeUndefined()
    expect(() => cursorOf({ items: ROWS, next: 'https://api.acme.test/v1?page=2' })).toThrow(
      'expected a cursor at next, got the link',
    )
  })

  it('has the time of the answer', () => {
    const body = { timestamp: 1_795_860_000, data: ROWS }

    expect(answerTime(body, layoutOf(body, undefined), CONTEXT)).toMatchObject({
      place: ['timestamp'],
      type: { unit: 's' },
    })
    expect(
      answerTime({ created: 1_795_860_000, data: ROWS }, layoutOf(body, undefined), CONTEXT),
    ).toBeUndefined()
  })
})
