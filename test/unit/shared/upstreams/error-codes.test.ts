import { describe, expect, it } from 'vitest'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { binanceFutures } from '#shared/upstreams/binance.ts'
import { bybit } from '#shared/upstreams/bybit.ts'
import { coingecko } from '#shared/upstreams/coingecko.ts'
import { codeTable, errorCode } from '#shared/upstreams/error-codes.ts'
import { okx } from '#shared/upstreams/okx.ts'

const NOW = Date.UTC(2026, 10, 20)

/** Codes by class, as the providers document them. */
const EXPECTED = {
  bybit: {
    'rate-limited': [429, 10006, 10018, 10429, 20003, 170222],
    'upstream-fault': [10000, 10016, 10019, 170001, 170007, 170032, 3400214, 999999],
    auth: [-2015, 10003, 10004, 10005, 10007, 10010, 33004, 100028],
    refused: [10008, 10027],
    'forbidden-region': [10009, 10024],
    'not-found': [10029, 170121],
    'bad-request': [10001, 10002, 10014, 10017, 170130],
  },
  okx: {
    'rate-limited': [50011, 50040, 50061],
    'upstream-fault': [50001, 50004, 50005, 50013, 50026, 51030, 51054, 59999, 1],
    auth: [50007, 50030, 50101, 50105, 50110, 50111, 50113, 50119],
    'not-found': [51001, 51014, 51021, 51027],
    'bad-request': [50000, 50014, 50024, 51000, 51015],
  },
  'binance-futures': {
    'rate-limited': [-1003, -1015, -1034],
    'upstream-fault': [-1000, -1001, -1004, -1006, -1007, -1008, -1016, -9999],
    auth: [-1002, -1022, -2014, -2015],
    'not-found': [-1112, -1121, -2016, -4108],
    'bad-request': [-1013, -1020, -1021, -1023, -1100, -1102, -1120, -1127, -1130, -1131],
  },
}

const PROVIDERS = [
  [resolveUpstream(bybit, {}), (code: unknown) => ({ retCode: code, retMsg: '', result: {} })],
  [resolveUpstream(okx, {}), (code: unknown) => ({ code, msg: '', data: [] })],
  [resolveUpstream(binanceFutures, {}), (code: unknown) => ({ code, msg: '' })],
] as const

describe.each(PROVIDERS)('the codes of %o', ({ name, classify }, envelope) => {
  const classes = Object.entries(EXPECTED[name as keyof typeof EXPECTED]) as [string, number[]][]
  const errorOf = (status: number, code: unknown) => {
    const classified = classify({ status, headers: {}, body: JSON.stringify(envelope(code)) }, NOW)
    if (classified.kind === 'ok') throw new Error(`expected a failure, got a success for ${code}`)
    return classified.error
  }

  it.each(classes)('of the class %s are recognised as numbers and as text', (reason, codes) => {
    for (const code of codes) {
      expect([code, errorOf(200, code).reason]).toEqual([code, reason])
      expect([code, errorOf(200, String(code)).reason]).toEqual([code, reason])
    }
  })

  it.each([401, 403, 418, 429, 451])('never weaken a %i, whichever code it is (F80)', (status) => {
    const plain = classify({ status, headers: {}, body: '' }, NOW)
    const expected = plain.kind === 'failed' ? plain.error : undefined

    for (const code of classes.flatMap(([, codes]) => codes)) {
      const { reason, scope } = errorOf(status, code)
      expect([code, scope]).toEqual([code, 'provider'])
      const allowed = ['rate-limited', 'forbidden-region', 'refused']
      if (status === 418 || status === 429) expect([code, ...allowed]).toContain(reason)
      if (status === 401) expect([expected?.reason, ...allowed]).toContain(reason)
    }
  })

  it('are faults of the server under 5xx', () => {
    for (const code of classes.flatMap(([, codes]) => codes))
      expect(errorOf(500, code)).toMatchObject({ reason: 'upstream-fault', retryable: true })
  })
})

it('an unknown code of CoinGecko under 429 stays a rate limit (F80)', () => {
  const body = JSON.stringify({ status: { error_code: 77_777 } })

  const classified = resolveUpstream(coingecko, {}).classify({ status: 429, headers: {}, body }, NOW)

  expect(classified).toMatchObject({ kind: 'failed', error: { reason: 'rate-limited', scope: 'provider' } })
})

it.each([
  [10_006, 10_006],
  ['10006', 10_006],
  ['-1003', -1_003],
  ['', undefined],
  ['1e3', undefined],
  [' 1', undefined],
  [1.5, undefined],
  [null, undefined],
  [{}, undefined],
])('the code %j is %j', (member, code) => {
  expect(errorCode(member)).toBe(code)
})

it('a code in two classes is a defect of the table', () => {
  const classes = [
    { reason: 'auth', codes: [1] },
    { reason: 'refused', codes: [1] },
  ] as const

  expect(() => codeTable(classes)).toThrow('expected the error code 1 in one class, got two')
})
