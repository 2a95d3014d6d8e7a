import { describe, expect, it } from 'vitest'
import { job as universeJob } from '#functions/jobs/symbol-universe/job.ts'
import { type ReadAccess, Reads } from '#functions/reads/reads.ts'
import { resolveJob } from '#shared/declare/job.ts'
import type { ReadRequest } from '#shared/read/request.ts'
import { globalBody, globalMarketWorld, TICK } from '#test/fakes/jobs/global-market.ts'
import { hamaWorld } from '#test/fakes/jobs/hama.ts'
import { jsonOf as json, reader } from '#test/fakes/world/clients.ts'

const PATH = '/api/v1/currencies/global-market-stats'
const ORIGIN = 'https://app.example'

async function doors(readers?: ReadAccess) {
  const world = globalMarketWorld()
  world.script(() => ({ status: 200, body: globalBody() }))
  await world.tick(TICK)
  const { answer } = reader(world, {}, readers)
  const ask = (more: Partial<ReadRequest> = {}) => answer({ method: 'GET', path: PATH, headers: {}, ...more })
  return { ask, calls: world.calls }
}

describe('a public path', () => {
  it.each<[string, Partial<ReadRequest>]>([
    ['source=live', { query: { source: 'live' } }],
    ['source=cache,live, said twice', { query: { source: 'cache,live' } }],
    ['force_refresh=true', { query: { force_refresh: 'true' } }],
    ['force_refresh=True', { query: { force_refresh: 'True' } }],
    ['force_refresh: true in a body', { body: '{ "force_refresh" : true }' }],
  ])('answers %s with 403 and the path for operators, and calls no provider', async (_, more) => {
    const { ask, calls } = await doors()
    const before = calls.length

    const result = await ask(more)

    expect([result.statusCode, calls.length - before]).toEqual([403, 0])
    expect(json(result)).toMatchObject({
      success: false,
      error: { code: 'FORBIDDEN', message: `Live reads are for operators, at /v1/live${PATH}` },
    })
  })

  it.each<[string, Partial<ReadRequest>]>([
    ['source=cache', { query: { source: 'cache' } }],
    ['force_refresh=false', { query: { force_refresh: 'false' } }],
    ['a body that says false', { body: '{"force_refresh":false}' }],
    ['a credential', { headers: { authorization: 'Bearer x' } }],
  ])('answers %s like everybody', async (_, more) => {
    const { ask } = await doors()

    expect(await ask(more)).toEqual(await ask())
  })
})

describe('the route $default', () => {
  it.each([PATH, '/health'])('serves nothing of %s: no authorizer looked at who asks', async (path) => {
    const { ask } = await doors()

    const routed = await ask({ path, routeKey: `GET ${path}` })
    const unrouted = await ask({ path, routeKey: '$default' })

    expect([routed.statusCode, unrouted.statusCode]).toEqual([200, 404])
  })

  it.each([
    ['GET', '/v1/jobs', 404],
    ['GET', '/v1/jobs/global-market', 404],
    ['POST', '/v1/jobs/global-market/runs', 404],
  ])('answers %s %s, made to look like an operators’ route, with %i', async (method, path, status) => {
    const { ask } = await doors()

    expect((await ask({ method, path, routeKey: '$default' })).statusCode).toBe(status)
  })

  it.each([
    ['DELETE', '/v1/jobs/global-market/runs', 'GET, POST'],
    ['HEAD', '/v1/jobs', 'GET'],
    ['GET', '/v1/jobs/global-market/pause', 'POST'],
    ['POST', PATH, 'GET, HEAD'],
  ])('answers %s %s with 405 and every method that the path has', async (method, path, allow) => {
    const { ask } = await doors()

    const { statusCode, headers } = await ask({ method, path, routeKey: '$default' })

    expect([statusCode, headers['allow']]).toEqual([405, allow])
  })

  it('answers a preflight for reads, and none for the routes of operators (F50)', async () => {
    const { ask } = await doors({ isPublic: true, corsOrigins: [ORIGIN] })
    const headers = { origin: ORIGIN, 'access-control-request-method': 'GET' }
    const preflight = (path: string) => ask({ method: 'OPTIONS', path, headers, routeKey: '$default' })

    const [read, steer] = await Promise.all([preflight(PATH), preflight('/v1/jobs/global-market/runs')])

    expect([read.statusCode, steer.statusCode]).toEqual([204, 405])
    expect(Object.keys(steer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })
})

describe('a path of readers and of operators', () => {
  it.each([
    ['/analyze-symbol', 'POST'],
    ['/symbols', 'GET, HEAD'],
  ])(
    'tells pages of an allowed origin how %s is read, and not how it is changed (F50)',
    async (path, methods) => {
      const { work, store } = await hamaWorld()
      const counts = { add: () => {}, addFallback: () => {} }
      const jobs = [work.job, resolveJob(universeJob, {})]
      const readers = { isPublic: true, corsOrigins: [ORIGIN] }
      const reads = new Reads(jobs, '0.0.0', { ...work.ports, store, counts }, readers)
      const headers = { origin: ORIGIN, 'access-control-request-method': 'POST' }

      const preflight = await reads.handle({
        method: 'OPTIONS',
        path: `/api/gainer-analysis${path}`,
        headers,
      })

      expect([preflight.statusCode, preflight.headers['access-control-allow-methods']]).toEqual([
        204,
        methods,
      ])
    },
  )
})

describe('a response that required authorization', () => {
  it('is kept by no shared cache, with or without a body', async () => {
    const { ask } = await doors({ isPublic: false, corsOrigins: [] })

    const full = await ask()
    const confirmed = await ask({ headers: { 'if-none-match': '*' } })

    expect([full.statusCode, confirmed.statusCode]).toEqual([200, 304])
    for (const { headers } of [full, confirmed])
      expect(headers['cache-control']).toMatch(/^private, max-age=/)
  })
})
