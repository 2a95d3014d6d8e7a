import { describe, expect, test } from 'vitest'
import type { ApiDocument } from '#test/support/contract/api-document.ts'
import { Contract, type Exchange } from '#test/support/contract/contract.ts'

const price = {
  type: 'object',
  required: ['price'],
  properties: { price: { type: 'string' } },
  additionalProperties: false,
}
const responses = {
  200: {
    headers: { Age: { required: true, schema: { type: 'integer' } } },
    content: { 'application/json': { schema: price } },
  },
  304: {},
}
const operation = { operationId: 'get-price', responses }
const document: ApiDocument = {
  paths: {
    '/prices/{symbol}': { get: operation, head: operation },
    '/prices/all': { post: { operationId: 'post-all', responses: {} } },
  },
}

/** What the document does not have of a response, which by default is as documented. */
function findings(change: Omit<Partial<Exchange>, 'body'> & { readonly body?: string }): readonly string[] {
  const { body = '{"price":"1"}', ...others } = change
  const exchange = {
    method: 'GET',
    target: '/prices/BTC?days=1',
    status: 200,
    headers: { age: '7', 'content-type': 'application/json; charset=utf-8' },
  }
  return new Contract(document).findings({ ...exchange, ...others, body: Buffer.from(body) })
}

describe('a response', () => {
  test('that is documented has no findings', () => {
    expect(findings({})).toEqual([])
    expect(findings({ method: 'HEAD', body: '' })).toEqual([])
    expect(findings({ status: 304, headers: {}, body: '' })).toEqual([])
  })

  test.each([
    ['another status', { status: 202 }, '202: expected one of 200, 304'],
    ['another type', { headers: { age: '7' } }, 'expected the type application/json, got '],
    ['no JSON', { body: '{' }, 'expected JSON, got {'],
    ['a member of another type', { body: '{"price":1}' }, 'the body/price must be string'],
    ['a further member', { body: '{"price":"1","at":2}' }, 'must NOT have additional properties'],
    ['a missing header', { headers: { 'content-type': 'application/json' } }, 'expected a header Age'],
    [
      'a header of another type',
      { headers: { age: 'x', 'content-type': 'application/json' } },
      'the header Age must be integer',
    ],
    [
      'a further header',
      { headers: { age: '7', etag: 'x', 'content-type': 'application/json' } },
      'expected no header etag, got x',
    ],
    ['a body for HEAD', { method: 'HEAD' }, 'expected no body, got 13 bytes'],
    ['a path that is not documented', { target: '/rates' }, '200: expected 404'],
    ['a method that is not documented', { method: 'PUT', status: 404 }, '404: expected 405'],
    ['no Allow in a 405', { method: 'PUT', status: 405 }, 'expected a header Allow, got none'],
  ])('with %s is reported', (_, change, finding) => {
    expect(findings(change)).toEqual([expect.stringContaining(finding)])
  })

  test('of a path without parameters is not that of the parameter in its place', () => {
    expect(findings({ method: 'POST', target: '/prices/all' })).toEqual([
      expect.stringContaining('200: expected one of '),
    ])
  })

  test('may be that of the path which the gateway makes of an encoded question mark', () => {
    const target = '/prices/BTC%3F/x'

    expect(findings({ target })).toEqual([])
    expect(findings({ target, status: 500 })).toEqual([expect.stringContaining('expected 404')])
  })
})
