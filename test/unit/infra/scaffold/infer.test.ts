import { describe, expect, it } from 'vitest'
import { inferRecord } from '#infra/scaffold/sample/infer.ts'
import { parseJson } from '#shared/domain/json.ts'

const NOW = Date.UTC(2026, 10, 28, 12)
const CONTEXT = { now: NOW, nameFault: (name: string) => (name === 'held' ? 'refused' : undefined) }
const at = (time: string) => Date.parse(time)

/** The type of the member `name` of rows that have these values of it. */
function typeOf(name: string, ...values: readonly unknown[]) {
  const { type, leftOut } = inferRecord(
    values.map((value) => ({ [name]: value })),
    '',
    CONTEXT,
  )
  return type.members[0]?.type ?? leftOut[0]?.reason
}

describe('the type of a member', () => {
  it.each([
    ['a number', 'price', [91_234.5], { kind: 'figure', form: 'number', bounds: { min: 100, max: 1e7 } }],
    ['a whole number without the name of a count', 'price', [91_234], { kind: 'figure', form: 'number' }],
    [
      'a number that is 0 now and then',
      'volume',
      [0, 12],
      { kind: 'figure', bounds: { min: 0, max: 10_000 } },
    ],
    ['a number of either sign', 'change', [-1.5, 2], { kind: 'figure', bounds: { min: -1_000, max: 1_000 } }],
    [
      'a decimal text',
      'fundingRate',
      ['0.00010000'],
      { kind: 'figure', form: 'text', bounds: { min: 1e-6, max: 0.01 } },
    ],
    ['a count', 'tradeCount', [17, 2_000], { kind: 'whole', bounds: { min: 1, max: 1e6 } }],
    ['a rank from 0', 'rank', [0, 3], { kind: 'whole', bounds: { min: 0, max: 1_000 } }],
    [
      'a number with more digits than a double',
      'balance',
      [parseJson('0.12345678901234567890')],
      { kind: 'figure' },
    ],
    [
      'seconds since the epoch',
      'updated_at',
      [1_795_860_930],
      { kind: 'instant', unit: 's', form: 'number' },
    ],
    [
      'milliseconds since the epoch',
      'time',
      [1_795_860_930_412],
      { kind: 'instant', unit: 'ms', form: 'number' },
    ],
    [
      'milliseconds as text',
      'nextFundingTime',
      ['1795881600000'],
      { kind: 'instant', unit: 'ms', form: 'text' },
    ],
    ['a recent epoch under any name', 'stamp', [1_795_860_930], { kind: 'instant', unit: 's' }],
    ['a quantity of the size of an epoch', 'volume', [1_795_860_930], { kind: 'figure' }],
    [
      'an ISO time',
      'updated',
      ['2026-11-28T10:15:30Z'],
      { kind: 'instant', unit: 'iso', values: [at('2026-11-28T10:15:30Z')] },
    ],
    ['a date', 'listed', ['2013-04-28'], { kind: 'date' }],
    ['a symbol', 'symbol', ['BTC-USD', 'ETH.X'], { kind: 'symbol' }],
    ['a word', 'status', ['open', 'halted'], { kind: 'word' }],
    ['digits of an id', 'order_id', ['00123'], { kind: 'symbol' }],
    ['a label', 'title', ['Fear & Greed: today’s index'], { kind: 'label' }],
    ['a long text', 'about', ['x'.repeat(300)], { kind: 'text', maxLength: 1_000 }],
    ['a link', 'website', ['https://bitcoin.test'], { kind: 'address' }],
    ['a flag', 'is_open', [true, false], { kind: 'flag' }],
    ['a list', 'tags', [['spot'], ['spot', 'margin']], { kind: 'list', of: { kind: 'word' } }],
  ])('is inferred from %s', (_, name, values, expected) => {
    expect(typeOf(name, ...values)).toMatchObject(expected)
  })

  it.each([
    ['an empty list', 'tags', [[]], 'an empty list in the sample'],
    ['null alone', 'note', [null], 'no value in the sample'],
    ['several types', 'price', [1, '1'], 'expected values of one type, got numbers and texts'],
    [
      'a time without a zone',
      'time',
      ['2026-11-28 10:15:30'],
      'a time without a zone: which one it has is not in the sample',
    ],
    [
      'rows of columns',
      'candles',
      [
        [
          [1, 2],
          [3, 4],
        ],
      ],
      'lists within a list: what their columns mean is not in the sample',
    ],
    ['a name in another script', '価格', [1], 'expected a name with letters or digits of ASCII'],
    ['a refused name', 'held', [1], 'refused'],
  ])('is left out, with the reason, for %s', (_, name, values, reason) => {
    expect(typeOf(name, ...values)).toBe(reason)
  })
})

describe('the type of records', () => {
  it('has the members of all of them: one that is absent, null or empty somewhere is nullable', () => {
    const { type } = inferRecord(
      [
        { a: 1, b: '', c: null, d: 5 },
        { a: 2, b: 'open', c: 3 },
      ],
      'rows.*',
      CONTEXT,
    )

    expect(type.members.map(({ name, nullable }) => [name, nullable])).toEqual([
      ['a', false],
      ['b', true],
      ['c', true],
      ['d', true],
    ])
  })

  it('has nested records, serves names in snake_case, and two of the same name once', () => {
    const { type, leftOut } = inferRecord(
      [{ lastPriceUSD: 1, last_price_usd: 2, quote: { bidSize: 3, empty: [] } }],
      'data',
      CONTEXT,
    )

    expect(type.members.map(({ served }) => served)).toEqual(['last_price_usd', 'quote'])
    expect(type.members[1]?.type).toMatchObject({
      kind: 'record',
      members: [{ name: 'bidSize', served: 'bid_size' }],
    })
    expect(leftOut).toEqual([
      { place: 'data.last_price_usd', reason: 'would be served as last_price_usd, as lastPriceUSD is' },
      { place: 'data.quote.empty', reason: 'an empty list in the sample' },
    ])
  })

  it('serves names with blanks, points, accents and ordinals in snake_case, and writes their points as \\.', () => {
    const names = ['05. last price', 'Volume (bn)', 'reading.time', 'Température', '24hChange', '_id', '!']
    const { type, leftOut } = inferRecord(
      [Object.fromEntries(names.map((name, index) => [name, index + 0.5]))],
      'rows.*',
      CONTEXT,
    )

    expect(type.members.map(({ served }) => served)).toEqual([
      'last_price',
      'volume_bn',
      'reading_time',
      'temperature',
      '24h_change',
      'id',
    ])
    expect(leftOut).toEqual([
      { place: 'rows.*.!', reason: 'expected a name with letters or digits of ASCII' },
    ])
  })
})
