import SwaggerParser from '@apidevtools/swagger-parser'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { jobs } from '#functions/jobs/declared.ts'
import { documentOf, openApiDocument } from '#infra/docs/openapi/document.ts'
import { envelopeSchema } from '#infra/docs/openapi/operations/envelope-schemas.ts'
import { type OperationDoc, operationDocs } from '#infra/docs/openapi/operations/operation-docs.ts'
import { operatorDataResponses } from '#infra/docs/openapi/operations/operator-data-docs.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { compress } from '#shared/domain/codec.ts'
import { routeTable } from '#shared/http/routes.ts'
import { POSITIONS } from '#shared/systems/portfolio/positions.ts'
import { globalBody, globalMarketWorld, TICK } from '#test/fakes/jobs/global-market.ts'
import { hamaOperator, hamaWorld } from '#test/fakes/jobs/hama.ts'
import { CACHE_STATS, CLEAR_PROJECT, projectsWorld } from '#test/fakes/jobs/keyed-projects.ts'
import { POSITIONS_PATH, portfolioWorld } from '#test/fakes/jobs/portfolio.ts'
import { pricesJob } from '#test/fakes/jobs/prices.ts'
import { jsonOf, lazyParts, operator, reader } from '#test/fakes/world/clients.ts'

const STATS = '/api/v1/currencies/global-market-stats'

interface Parsed {
  readonly openapi: string
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { readonly schemas: Record<string, unknown> }
}

interface Operation {
  readonly requestBody?: unknown
  readonly operationId: string
  readonly security: readonly object[]
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: object }[]
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema: object }> }>
}

const document = (await openApiDocument(jobs, '1.2.3')) as Parsed
const everyOperation = Object.values(document.paths).flatMap((item) => Object.values(item))

/** The schema of the body of an operation, in an envelope of tests. */
function schemaOf({ response }: OperationDoc, envelope: 'code' | 'message'): z.ZodType {
  if (response === 'operator-data') return operatorDataResponses[POSITIONS] ?? z.never()
  return response instanceof z.ZodType ? response : envelopeSchema(envelope, response.data)
}

/** Media types of an answer. */
function typesOf(path: string, method: string, status: number): string[] {
  return Object.keys(document.paths[path]?.[method]?.responses[status]?.content ?? {}).sort()
}

describe('the OpenAPI document', () => {
  test('is valid OpenAPI 3.1, with every reference in it', async () => {
    const copy = structuredClone(document) as never

    await expect(SwaggerParser.validate(copy)).resolves.toMatchObject({ openapi: '3.1.0' })
  })

  test('would not be, were a reference or an answer missing', async () => {
    const { Problem: _gone, ...schemas } = document.components.schemas
    const dangling = { ...document, components: { ...document.components, schemas } }
    const silent = { ...document, paths: { '/health': { get: { responses: { 200: {} } } } } }

    for (const broken of [dangling, silent]) {
      await expect(SwaggerParser.validate(structuredClone(broken) as never)).rejects.toThrow()
    }
  })

  test('has every row of the route table and nothing else', () => {
    const rows = routeTable(jobs.map((job) => resolveJob(job, {})))
    const declared = rows.flatMap(({ methods, path }) => methods.map((method) => `${method} ${path}`))

    const described = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    )

    expect(described.sort()).toEqual(declared.sort())
    expect(new Set(everyOperation.map(({ operationId }) => operationId)).size).toBe(declared.length)
  })

  test('demands a credential on operators’ routes, and nowhere else', () => {
    for (const { methods, path, access } of routeTable(jobs.map((job) => resolveJob(job, {})))) {
      for (const method of methods) {
        const described = document.paths[path]?.[method.toLowerCase()]
        expect(described?.security, path).toEqual(
          access === 'operator' ? [{ sigv4: [] }, { bearer: [] }] : [],
        )
      }
    }
  })

  test('distinguishes the responses of the gateway from ours', () => {
    for (const { responses, operationId } of everyOperation) {
      const isOpen = /^(?:get|head)-(?:page|ui-file)$/.test(operationId)
      const denied = isOpen ? [] : ['401', '403']
      expect(Object.keys(responses), operationId).toEqual(
        expect.arrayContaining(['200' in responses ? '200' : '202', ...denied, '429']),
      )
    }
    expect(JSON.stringify(document.paths['/v1/jobs']?.['get']?.responses[401])).toContain('GatewayMessage')
    expect(JSON.stringify(document.paths[STATS]?.['get']?.responses[503])).toMatch(/Failure.*GatewayMessage/)
    expect(typesOf('/v1/jobs/{id}/pause', 'post', 400)).toEqual([
      'application/json',
      'application/problem+json',
    ])
    expect(typesOf(STATS, 'get', 503)).toEqual(['application/json'])
    expect(typesOf(`/v1/live${STATS}`, 'get', 503)).toEqual(['application/json', 'application/problem+json'])
  })

  test('takes the bodies of reads from their job’s schema', () => {
    expect(Object.keys(document.components.schemas)).toContain('GlobalMarket')
    expect(JSON.stringify(document.paths[STATS]?.['get']?.responses[200])).toContain('GlobalMarket')
  })

  test('has the parameters of a path with their patterns, and the errors of the envelope `plain`', () => {
    const schemas = new Map([['/test/prices/{symbol}', z.strictObject({ price: z.string() })]])

    const { paths } = documentOf([pricesJob('items')], schemas, '0.0.0') as Parsed
    const read = paths['/test/prices/{symbol}']?.['get']

    expect(read?.parameters).toEqual([
      expect.objectContaining({
        name: 'symbol',
        in: 'path',
        required: true,
        schema: { type: 'string', pattern: '^(?:[A-Z0-9]{2,20})$' },
      }),
    ])
    expect(Object.keys(read?.responses[400]?.content ?? {})).toEqual([
      'application/problem+json',
      'application/json',
    ])
  })

  test('has a body and a limit of it for each POST and PUT, and long headers for each operation', () => {
    for (const [path, methods] of Object.entries(document.paths))
      for (const [method, { requestBody, responses }] of Object.entries(methods)) {
        expect([path, Object.keys(responses)]).toEqual([path, expect.arrayContaining(['431'])])
        if (requestBody !== undefined)
          expect([path, method, Object.keys(responses)]).toEqual([
            path,
            method,
            expect.arrayContaining(['413']),
          ])
      }
    for (const path of ['/funding_monitor/refreshes', '/api/gainer-analysis/preload'])
      expect(JSON.stringify(document.paths[path]?.['post']?.requestBody)).toMatch(/fast_mode|symbols/)
  })

  test('has no copy of a response that is computed for each request', () => {
    const status = document.paths['/api/gainer-analysis/scheduler/status']?.['get']
    expect(Object.keys(status?.responses ?? {})).not.toContain('304')
    expect(JSON.stringify(status?.responses[200])).not.toContain('ETag')
    expect(Object.keys(document.paths['/openapi.json']?.['get']?.responses ?? {})).toContain('304')
  })

  test('says that every operation of operators may find the table unavailable', () => {
    for (const path of ['/v1/jobs', '/v1/audit', '/v1/upstreams'])
      expect(Object.keys(document.paths[path]?.['get']?.responses ?? {})).toContain('503')
  })

  test('has the errors of the envelope `message`, also in a live read and in an alias of an operation', () => {
    const schemas = new Map([['/test/prices/{symbol}', z.strictObject({ code: z.literal(0) })]])
    const alias = {
      method: 'POST',
      path: '/test/prices/clear',
      about: 'x',
      operation: 'clear-cache',
    } as const

    const { paths } = documentOf(
      [pricesJob('items', { envelope: 'message', aliases: [alias] })],
      schemas,
      '0.0.0',
    ) as Parsed

    for (const [path, method, status] of [
      ['/test/prices/{symbol}', 'get', 503],
      ['/v1/live/test/prices/{symbol}', 'get', 503],
      ['/test/prices/clear', 'post', 400],
    ] as const)
      expect(JSON.stringify(paths[path]?.[method]?.responses[status]), path).toContain('MessageFailure')
    expect(
      paths['/test/prices/clear']?.['post']?.responses[200]?.content?.['application/json'],
    ).toMatchObject({
      schema: { required: ['code', 'message', 'data', 'meta'], additionalProperties: false },
    })
  })

  test('is refused for a read that has no schema', () => {
    expect(() => documentOf([pricesJob('items')], new Map(), '0.0.0')).toThrow(
      '/test/prices/{symbol}: expected a schema of its body, schemas[path] in the schema.ts of prices-items; got none',
    )
  })

  test('describes the body of every operation', async () => {
    const world = globalMarketWorld()
    world.script(() => ({ status: 200, body: globalBody() }))
    const { id: run } = await world.tick(TICK)
    const { get, post } = operator(world)
    const until = new Date(world.clock.now() + 60_000).toISOString()
    const job = '/v1/jobs/global-market'

    const task = { params: '{}', deadlineAt: world.clock.now() + 60_000 }
    const stored = world.store.memory.runs.get(`global-market ${run}`)
    const running = `global-market-${'0'.repeat(26)}`
    if (stored)
      await world.store.runs.open({ ...stored, id: running, owner: running, status: 'running', task })

    const { start, stop, clear, change } = hamaOperator(await hamaWorld({ HAMA_UNIVERSE_SIZE: '1' }))
    const positions = portfolioWorld()
    const projects = operator(
      projectsWorld('info', [], { change: { aliases: [CLEAR_PROJECT, CACHE_STATS] } }),
    )
    const answers = {
      'show-operator-data': await positions.get(POSITIONS_PATH),
      'replace-operator-data': await positions.put(POSITIONS_PATH, { positions: [] }),
      'erase-operator-data': await positions.ask('DELETE', POSITIONS_PATH),
      'start-schedule': await start({ interval_minutes: 10 }),
      'stop-schedule': await stop(),
      'clear-cache': await clear(),
      'clear-cache-key': await clear('BTCUSDT'),
      'show-cache-stats': await projects.get('/test/cache/stats'),
      'clear-cache-prefix': await projects.ask('DELETE', '/test/projects/12/cache'),
      'change-symbols': await change({ size: 2 }),
      cancel: await post(`/v1/runs/${running}/cancel`),
      'list-jobs': await get('/v1/jobs'),
      'show-job': await get(job),
      explain: await get(`${job}/explain`),
      'list-runs': await get(`${job}/runs`),
      'show-run': await get(`/v1/runs/${run}`),
      'list-rejected': await get(`${job}/rejected`),
      'list-upstreams': await get('/v1/upstreams'),
      'reset-upstream': await post('/v1/upstreams/coingecko/reset'),
      'list-ticks': await get('/v1/ticks'),
      'list-failed-events': await get('/v1/dlq'),
      'redrive-failed-events': await post('/v1/dlq/redrive', {}),
      'list-audit': await get('/v1/audit'),
      'list-metrics': await get('/admin/jobs/metrics'),
      'show-metrics': await get('/admin/jobs/metrics/global-market'),
      'list-schedules': await get('/api/v1/admin/scheduler/jobs'),
      'invalidate-dataset': await post('/admin/cache/invalidate', { dataset: 'global-market' }),
      'clear-datasets': await post('/admin/cache/clear', { confirm: 'clear' }),
      invalidate: await post(`${job}/invalidate`, { all: true }),
      purge: await post(`${job}/purge`, { all: true, confirm: 'global-market' }),
      pause: await post(`${job}/pause`, { until, reason: 'x' }),
      resume: await post(`${job}/resume`),
      'pause-all': await post('/v1/pause', { for: '1 hour', reason: 'x' }),
      'resume-all': await post('/v1/resume'),
      skip: await post(`${job}/skip`, { tick: '2025-10-11T07:43:00Z', reason: 'x' }),
      override: await operator(world).put(`${job}/overrides`, {}),
      trigger: await post(`${job}/runs`),
    }

    expect(Object.keys(answers).sort()).toEqual(Object.keys(operationDocs).sort())
    for (const [operation, { status, body }] of Object.entries(answers)) {
      const doc = operationDocs[operation as keyof typeof operationDocs]
      expect(status, operation).toBe(doc.status ?? 200)
      const { error } = schemaOf(doc, 'msg' in body ? 'code' : 'message').safeParse(body)
      expect(error, operation).toBeUndefined()
    }
  })
})

describe('GET /openapi.json', () => {
  const bytes = compress('{"a":1}')
  const ask = (headers: Record<string, string> = {}, method = 'GET', load = async () => bytes) =>
    reader(globalMarketWorld(), {}, undefined, lazyParts({ file: load })).answer({
      method,
      path: '/openapi.json',
      headers,
    })

  test('gives the finished bytes, decompressed where brotli is not accepted, and 304 for a copy that is current', async () => {
    const plain = await ask()
    const packed = await ask({ 'accept-encoding': 'br' })
    const head = await ask({}, 'HEAD')
    const unchanged = await ask({ 'if-none-match': plain.headers['etag'] ?? '' })

    expect([plain, packed, head, unchanged].map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 304])
    expect([jsonOf(plain), jsonOf(packed), head.body, unchanged.body]).toEqual([{ a: 1 }, { a: 1 }, '', ''])
    expect(packed.headers).toMatchObject({ 'content-encoding': 'br', 'content-type': 'application/json' })
    expect(plain.headers).toMatchObject({ 'cache-control': 'public, max-age=300', vary: 'Accept-Encoding' })
  })

  test('is loaded once, on the first request, and again after a failure', async () => {
    let loads = 0
    const load = async () => {
      loads += 1
      if (loads === 1) throw new Error('the disk is slow')
      return bytes
    }
    const { answer } = reader(globalMarketWorld(), {}, undefined, lazyParts({ file: load }))
    const get = () => answer({ method: 'GET', path: '/openapi.json', headers: {} })

    const before = loads
    await expect(get()).rejects.toThrow('the disk is slow')
    await get()
    await get()

    expect([before, loads]).toEqual([0, 2])
  })
})
