import { describe, expect, it } from 'vitest'
import { compress } from '#shared/domain/codec.ts'
import { globalMarketWorld } from '#test/fakes/jobs/global-market.ts'
import { jsonOf, lazyParts, reader } from '#test/fakes/world/clients.ts'

const FILES: Readonly<Record<string, string>> = {
  'ui/index.html': '<!doctype html><title>Freshet</title>',
  'ui/main.ABCD2345.js': 'export {}',
}

function browser() {
  const names: string[] = []
  const file = async (name: string) => {
    names.push(name)
    const text = FILES[name]
    return text === undefined ? undefined : compress(text)
  }
  const { get } = reader(globalMarketWorld(), {}, undefined, lazyParts({ file, simulated: ['coingecko'] }))
  return { get, names }
}

const text = (body: string) => Buffer.from(body, 'base64').toString('utf8')

describe('GET /', () => {
  it('serves the index with a strict content security policy, to be checked each time', async () => {
    const { get } = browser()

    const { statusCode, headers, body } = await get('/')
    const current = await get('/', { 'if-none-match': headers['etag'] ?? '' })

    expect([statusCode, text(body)]).toEqual([200, FILES['ui/index.html']])
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
    })
    expect(headers['content-security-policy']).toMatch(/^default-src 'self'; img-src 'self' data:/)
    expect([current.statusCode, current.body]).toEqual([304, ''])
  })
})

describe('GET /ui/{file}', () => {
  it('serves a file whose name has a hash, for ever, compressed where the client accepts it', async () => {
    const { get, names } = browser()

    const plain = await get('/ui/main.ABCD2345.js')
    const packed = await get('/ui/main.ABCD2345.js', { 'accept-encoding': 'br' })
    const head = await get('/ui/main.ABCD2345.js', {}, 'HEAD')

    expect([text(plain.body), head.body]).toEqual(['export {}', ''])
    expect(packed.headers).toMatchObject({
      'content-encoding': 'br',
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    })
    expect(names).toEqual(['ui/main.ABCD2345.js'])
  })

  it('looks for no file but those that the build names', async () => {
    const { get, names } = browser()

    const statuses = []
    for (const name of ['index.html', '..%2Fopenapi.json', 'main.js', 'main.abcd2345.js', 'a%00.ABCD2345.js'])
      statuses.push((await get(`/ui/${name}`)).statusCode)

    expect(statuses).toEqual([404, 404, 404, 404, 404])
    expect(names).toEqual([])
  })

  it('answers 404 for a file of an earlier release, and asks for it again', async () => {
    const { get, names } = browser()

    const first = await get('/ui/main.OLD23456.js')
    await get('/ui/main.OLD23456.js')

    expect(first.statusCode).toBe(404)
    expect(names).toHaveLength(2)
  })
})

describe('an unknown path', () => {
  it('is a document for a browser, and problem details for other clients', async () => {
    const { get } = browser()

    const page = await get('/nowhere', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' })
    const problem = await get('/nowhere', { accept: '*/*' })

    expect([page.statusCode, problem.statusCode]).toEqual([404, 404])
    expect(page.body).toContain('<a href="/">')
    expect(page.headers['content-security-policy']).toContain("default-src 'self'")
    expect(jsonOf(problem)).toMatchObject({ status: 404 })
  })
})

describe('GET /datasets', () => {
  it('has every dataset, and 304 for a copy that is current', async () => {
    const { get } = browser()

    const first = await get('/datasets')
    const second = await get('/datasets', { 'if-none-match': first.headers['etag'] ?? '' })

    expect(jsonOf(first)).toMatchObject({ datasets: [{ job: 'global-market', data_source: 'simulated' }] })
    expect([first.headers['cache-control'], second.statusCode, second.body]).toEqual(['no-cache', 304, ''])
  })
})
