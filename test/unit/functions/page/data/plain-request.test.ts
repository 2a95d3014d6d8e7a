import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import type { ApiDocument, DocumentedOperation } from '#functions/page/data/document.ts'
import { parametersOf, requestOf, send } from '#functions/page/data/plain-request.ts'

const ONE = '/api/v1/positions/{symbol}/technical'
const LIST = '/api/v1/positions/technical'
const BATCH = '/api/gainer-analysis/analyze-batch'

const READ: DocumentedOperation = {
  parameters: [
    { name: 'symbol', in: 'path', required: true },
    { name: 'timeframe', in: 'query' },
    { name: 'days', in: 'query' },
    { name: 'Idempotency-Key', in: 'header' },
  ],
  responses: {},
}

const SUBMISSION: DocumentedOperation = {
  requestBody: {
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Batch' } } },
  },
  responses: {},
}

const DOCUMENT: ApiDocument = {
  paths: {
    [ONE]: { get: READ, head: READ },
    [LIST]: { get: { responses: {} } },
    [BATCH]: { post: SUBMISSION },
  },
  components: {
    schemas: {
      Batch: {
        type: 'object',
        properties: {
          symbols: { type: 'array', items: { type: 'string' } },
          preset: { type: 'string', description: 'must be the configured preset' },
          force_refresh: { type: 'boolean', const: false },
        },
        required: ['symbols'],
      },
    },
  },
}

describe('what a read takes', () => {
  test('are the parameters of its path and query', () => {
    expect(parametersOf(ONE, DOCUMENT).map(({ name }) => name)).toEqual(['symbol', 'timeframe', 'days'])
  })

  test('by POST are the texts and lists of its body; one with a fixed value is not entered', () => {
    expect(parametersOf(BATCH, DOCUMENT)).toEqual([
      { name: 'symbols', in: 'list', required: true, description: 'separated by commas' },
      { name: 'preset', in: 'body', required: false, description: 'must be the configured preset' },
    ])
  })

  test('is nothing for a list without parameters, and for a path that is not documented', () => {
    expect([parametersOf(LIST, DOCUMENT), parametersOf('/nowhere', DOCUMENT)]).toEqual([[], []])
  })
})

describe('the request of a read', () => {
  test('has the values of its path and query; an empty one is left out', () => {
    expect(requestOf(ONE, DOCUMENT, { symbol: 'AAPL', days: '30', timeframe: '' })).toEqual({
      method: 'GET',
      target: '/api/v1/positions/AAPL/technical?days=30',
    })
    expect(requestOf(LIST, DOCUMENT, {})).toEqual({ method: 'GET', target: LIST })
  })

  test('escapes what would end a segment of the path or a parameter', () => {
    const values = { symbol: 'a/b?c#d%20 é示', timeframe: 'a&days=1+2 #' }

    expect(requestOf(ONE, DOCUMENT, values)?.target).toBe(
      '/api/v1/positions/a%2Fb%3Fc%23d%2520%20%C3%A9%E7%A4%BA/technical?timeframe=a%26days%3D1%2B2+%23',
    )
  })

  test.each([{}, { symbol: '' }, { days: '30' }, { symbol: '.' }, { symbol: '..' }])(
    'is none while the path has no value that a browser sends as it is: %j',
    (values) => {
      expect(requestOf(ONE, DOCUMENT, values)).toBeUndefined()
    },
  )

  test('by POST has its values as JSON; a list is separated by commas, spaces or lines', () => {
    const request = requestOf(BATCH, DOCUMENT, { symbols: 'BTCUSDT, ETHUSDT\nSOLUSDT,', preset: 'pi"ne' })

    expect(request).toMatchObject({ method: 'POST', target: BATCH })
    expect(JSON.parse(request?.body ?? '')).toEqual({
      symbols: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'],
      preset: 'pi"ne',
    })
  })

  test('by POST is none without a required member, or with separators alone', () => {
    expect(requestOf(BATCH, DOCUMENT, { preset: 'pine' })).toBeUndefined()
    expect(requestOf(BATCH, DOCUMENT, { symbols: ' , ' })).toBeUndefined()
  })

  test('parses back to the same values, whatever they are', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !/^\.{0,2}$/.test(value))
    fc.assert(
      fc.property(text, text, text, (symbol, timeframe, days) => {
        const { target = '' } = requestOf(ONE, DOCUMENT, { symbol, timeframe, days }) ?? {}
        const { pathname, searchParams, hash } = new URL(target, 'http://127.0.0.1')
        const [, segment = ''] = /^\/api\/v1\/positions\/([^/]+)\/technical$/.exec(pathname) ?? []

        expect(decodeURIComponent(segment)).toBe(symbol)
        expect(Object.fromEntries(searchParams)).toEqual({ timeframe, days })
        expect(hash).toBe('')
      }),
    )
  })

  test('replaces half of a sign, which no address can have', () => {
    expect(requestOf(ONE, DOCUMENT, { symbol: 'A\uD83D' })?.target).toBe(
      '/api/v1/positions/A%EF%BF%BD/technical',
    )
  })
})

describe('a request that is sent', () => {
  const { signal } = new AbortController()

  test('has the credential and its body, and returns the response as it came', async () => {
    const sent = vi.fn(async () => Response.json({ data: '<b>' }, { headers: { 'x-cache': 'HIT' } }))
    vi.stubGlobal('fetch', sent)

    const request = { method: 'POST', target: BATCH, body: '{}' } as const
    const response = await send(request, { authorization: 'Bearer t' }, signal)

    expect(sent).toHaveBeenCalledWith(BATCH, {
      method: 'POST',
      signal,
      headers: { authorization: 'Bearer t', 'content-type': 'application/json' },
      body: '{}',
    })
    expect(response).toMatchObject({ status: 200, text: '{"data":"<b>"}', body: { data: '<b>' } })
    expect(response.headers).toContainEqual(['x-cache', 'HIT'])
  })

  test.each([
    [
      'problem details',
      '{"title":"Not Found","detail":"X is no macro indicator"}',
      'X is no macro indicator',
    ],
    ['the page of a proxy', `<html>${'x'.repeat(500)}`, `<html>${'x'.repeat(194)}`],
  ])('fails with the words of %s', async (_form, body, words) => {
    vi.stubGlobal('fetch', async () => new Response(body, { status: 404 }))

    const response = send({ method: 'GET', target: LIST }, {}, signal)

    await expect(response).rejects.toThrow(new Error(`GET ${LIST}: 404: ${words}`))
  })
})
