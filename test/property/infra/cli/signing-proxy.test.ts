import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { proxiedSystem } from '#test/support/http/proxied-system.ts'
import { rawRequest } from '#test/support/http/raw-request.ts'
import { runs } from '#test/support/runs.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 12 })

/** A path and a query of any characters, as browsers write them: by the rules of URLs, by `encodeURIComponent`, as forms. */
const target = fc
  .tuple(
    fc.array(fc.tuple(text, fc.boolean()), { minLength: 1, maxLength: 4 }),
    fc.array(fc.tuple(text, text), { maxLength: 4 }),
    fc.boolean(),
  )
  .map(([segments, pairs, isForm]) => {
    const path = segments.map(([part, isEncoded]) => (isEncoded ? encodeURIComponent(part) : part)).join('/')
    const url = new URL('http://system/')
    url.pathname = `/api/${path.replaceAll('%', '%25')}`
    if (isForm) for (const [name, value] of pairs) url.searchParams.append(name, value)
    else url.search = pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join('&')
    return url.pathname + url.search
  })

test('each path, query and body arrives byte for byte, with a valid signature', async () => {
  const { origin, system, newTab } = await proxiedSystem(onTestFinished)
  const headers = await newTab()

  await fc.assert(
    fc.asyncProperty(
      target,
      fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE'),
      fc.uint8Array({ maxLength: 64 }),
      async (path, method, bytes) => {
        const body = method === 'GET' || method === 'HEAD' ? Buffer.alloc(0) : Buffer.from(bytes)
        const length = { 'content-length': String(body.length) }

        const { status } = await rawRequest(origin, path, {
          method,
          headers: { ...headers, ...length },
          body,
        })

        const received = system.requests.at(-1)
        expect({ status, ...received, headers: undefined, body: received?.body.toString('hex') }).toEqual({
          status: 200,
          method,
          target: path,
          headers: undefined,
          body: body.toString('hex'),
          signature: 'valid',
        })
      },
    ),
    { numRuns: runs(2_000, 200) },
  )
})
