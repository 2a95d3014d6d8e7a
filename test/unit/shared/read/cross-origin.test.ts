import { expect, test } from 'vitest'
import { withCors } from '#shared/read/headers.ts'

const OURS = 'https://app.example'
const ORIGINS = ['http://localhost:3000', OURS]
const READ = {
  statusCode: 200,
  headers: { etag: 'W/"x"', vary: 'Accept-Encoding' },
  body: '{}',
  isBase64Encoded: false,
}
const WRONG_METHOD = { ...READ, statusCode: 405, headers: { allow: 'GET, HEAD' } }
const preflight = (origin: string) => ({
  method: 'OPTIONS',
  headers: { origin, 'access-control-request-method': 'GET' },
})

test.each([200, 304, 400, 404, 429, 503])(
  'a response of %i may be read by pages of an allowed origin, with its labels (F50)',
  (statusCode) => {
    const result = withCors({ ...READ, statusCode }, { method: 'GET', headers: { origin: OURS } }, ORIGINS)

    expect(result).toEqual({
      ...READ,
      statusCode,
      headers: {
        etag: 'W/"x"',
        vary: 'Accept-Encoding, Origin',
        'access-control-allow-origin': OURS,
        'access-control-expose-headers': 'age, etag, retry-after, x-cache, x-data-source',
      },
    })
  },
)

test.each([
  ['a foreign one', 'https://evil.example'],
  ['one in capitals', 'https://APP.example'],
  ['one that begins alike', 'https://app.example.evil.example'],
  ['another port', 'https://app.example:8443'],
  ['an opaque one', 'null'],
  ['none', undefined],
])('with %s as the origin, nothing but Vary reveals that others are allowed (F50)', (_, origin) => {
  const result = withCors(READ, { method: 'GET', headers: { origin } }, ORIGINS)

  expect(result).toEqual({ ...READ, headers: { etag: 'W/"x"', vary: 'Accept-Encoding, Origin' } })
})

test('where no origin is allowed, answers stay as they are (F50)', () => {
  expect(withCors(READ, { method: 'GET', headers: { origin: OURS } }, [])).toBe(READ)
  expect(withCors(WRONG_METHOD, preflight(OURS), [])).toBe(WRONG_METHOD)
})

test.each([
  [['GET', 'HEAD'], 'GET, HEAD'],
  [['POST'], 'POST'],
])(
  'a preflight from an allowed origin is answered with the methods %j, and without credentials (F50)',
  (methods, allowedMethods) => {
    const result = withCors(WRONG_METHOD, preflight(OURS), ORIGINS, methods)

    expect(result).toEqual({
      statusCode: 204,
      headers: {
        vary: 'Origin',
        'access-control-allow-origin': OURS,
        'access-control-allow-methods': allowedMethods,
        'access-control-allow-headers':
          'authorization, content-type, idempotency-key, if-modified-since, if-none-match',
        'access-control-max-age': '3600',
      },
      body: '',
      isBase64Encoded: false,
    })
  },
)

test('a preflight from a foreign origin, and OPTIONS that is none, stay 405 (F50)', () => {
  const methods = ['GET', 'HEAD']
  const foreign = withCors(WRONG_METHOD, preflight('https://evil.example'), ORIGINS, methods)
  const plain = withCors(WRONG_METHOD, { method: 'OPTIONS', headers: { origin: OURS } }, ORIGINS, methods)
  const ofNone = withCors(WRONG_METHOD, preflight(OURS), ORIGINS, [])

  expect([foreign.statusCode, plain.statusCode, ofNone.statusCode]).toEqual([405, 405, 405])
  expect(foreign.headers).not.toHaveProperty('access-control-allow-origin')
})
