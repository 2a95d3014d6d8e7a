import { describe, expect, test } from 'vitest'
import { jobs as declared } from '#functions/jobs/declared.ts'
import { operatorRouter } from '#functions/operations/operations.ts'
import { gatewayRoutes } from '#infra/definitions/gateway-routes.ts'
import { requestEvent, requestTarget } from '#infra/local/gateway/request-event.ts'
import { RouteMatcher } from '#infra/local/gateway/route-matcher.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { routeTable, servedBy } from '#shared/http/routes.ts'
import { globalMarketWorld } from '#test/fakes/jobs/global-market.ts'
import { reader } from '#test/fakes/world/clients.ts'
import { flattenIntrinsics, synthesize } from '#test/support/infra/synthesis.ts'
import { tinyJob } from '#test/support/jobs/test-jobs.ts'

const jobs = declared.map((job) => resolveJob(job, {}))
const rows = routeTable(jobs)
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']

/** The routes of the template by their keys: whom they ask, and which function they lead to. */
const deployed = deployedRoutes()

function deployedRoutes() {
  const { ofType } = synthesize({ jobs: declared })
  const functions = new Map(
    ofType('AWS::ApiGatewayV2::Integration').map(({ id, properties }) => [
      `integrations/<${id}>`,
      flattenIntrinsics(properties.IntegrationUri)
        .replace(/^<(\w+?)FunctionAlias.*$/, '$1')
        .toLowerCase(),
    ]),
  )
  return new Map<string, { auth: string; to: string | undefined }>(
    ofType('AWS::ApiGatewayV2::Route').map(({ properties: { RouteKey, AuthorizationType, Target } }) => [
      RouteKey,
      { auth: AuthorizationType ?? 'NONE', to: functions.get(flattenIntrinsics(Target)) },
    ]),
  )
}

/** What the gateway may make of a path before it compares: AWS documents neither whether it decodes, nor what an escaped slash is. */
const READINGS: Readonly<Record<string, (path: string) => string[]>> = {
  'decodes each segment': (path) => path.split('/').map(decodeURIComponent),
  'decodes nothing': (path) => path.split('/'),
  'decodes the whole path first': (path) => decodeURIComponent(path).split('/'),
}

/** The documented choice: a full match of route and method, then a greedy one, then `$default`. */
function chosen(method: string, segments: readonly string[]): string {
  const fits = (key: string) => {
    const [keyMethod, template = ''] = key.split(' ')
    const isGreedy = template.endsWith('+}')
    const expected = template.split('/').slice(0, isGreedy ? -1 : undefined)
    const rest = segments.slice(expected.length).join('/')
    return (
      keyMethod === method &&
      segments.length >= expected.length &&
      (isGreedy ? rest !== '' : segments.length === expected.length) &&
      expected.every((one, index) => (one.startsWith('{') ? segments[index] !== '' : segments[index] === one))
    )
  }
  const all = [...deployed.keys()].filter(fits)
  return all.find((key) => !key.endsWith('+}')) ?? all[0] ?? '$default'
}

const matcher = new RouteMatcher(gatewayRoutes(rows))

function locally(method: string, target: string) {
  const headers = { values: {}, cookies: [] }
  const request = { id: 'x', method, target, httpVersion: '1.1', headers, sourceIp: '::1', at: 0 }
  const parts = requestTarget(target)
  return parts && requestEvent({ ...request, body: Buffer.of() }, parts, matcher.match(method, parts.path))
}

const filled = (path: string) => path.replaceAll(/\{\w+\}/g, 'XY1')

/** Ways to write a path so that a router that compares another form of it might mistake it for another one. */
const DISGUISES: readonly ((path: string) => string)[] = [
  (path) => path,
  (path) => `${path}/`,
  (path) => `/${path}`,
  (path) => path.replace(/(.)\/([^/]+)$/, '$1%2F$2'),
  (path) => path.replace(/^\/(.)/, (_, first: string) => `/%${first.charCodeAt(0).toString(16)}`),
  (path) => path.replace(/(.)$/, (_, last: string) => `%${last.charCodeAt(0).toString(16)}`),
  (path) => encodeURIComponent(path).replace(/^%2F/, '/'),
  (path) => `${path}%3Fx=1`,
  (path) => `/health/..${path}`,
  (path) => `/health/%2e%2e${path}`,
  (path) => `/v1/live/..${path}`,
  (path) => `/v1/live/%2e%2e/%2e%2e${path}`,
  (path) => `/v1/live/..%2f..${path}`,
  (path) => `/v1/live/x%3F${path}`,
  (path) => `/v1/./live${path}`,
  (path) => `/v1%2Flive${path}`,
  (path) => `/v1/live/${path}`,
  (path) => `/V1/LIVE${path}`,
]

const TARGETS = [
  ...new Set(rows.flatMap(({ path }) => DISGUISES.map((written) => written(filled(path))))),
].filter((target) => target.startsWith('/'))

test('the live reads of all jobs are one route a method, and every other row but those of the page has its own', () => {
  const twins = rows.filter(({ serves }) => serves === 'live')
  const others = rows.filter(({ serves }) => serves !== 'live' && serves !== 'page')

  const routes = gatewayRoutes(rows)

  expect(twins.length).toBeGreaterThan(2)
  expect(routes).toEqual([
    ...others,
    { methods: ['GET', 'POST'], path: '/v1/live/{proxy+}', access: 'operator', serves: 'live' },
  ])
})

test('one more job with a live read adds no route', () => {
  const more = routeTable([...jobs, resolveJob(tinyJob(), {})])

  const keysOf = (table: typeof rows) =>
    gatewayRoutes(table).flatMap(({ methods, path }) => methods.map((one) => `${one} ${path}`))
  const added = keysOf(more).filter((key) => !keysOf(rows).includes(key))

  expect(added).toEqual(['GET /v1/tiny', 'HEAD /v1/tiny'])
})

test('without a live read there is no route for them', () => {
  const none = rows.filter(({ serves }) => serves !== 'live')

  expect(gatewayRoutes(none)).toEqual(none.filter(({ serves }) => serves !== 'page'))
})

test('every row leads to its function with its authorizer, in the template', () => {
  const leads = rows.flatMap(({ methods, path, access, serves }) =>
    methods.map((method) => {
      const route = deployed.get(chosen(method, filled(path).split('/')))
      return {
        method,
        path,
        want: [access === 'operator' ? 'AWS_IAM' : 'NONE', servedBy({ access, serves })],
        route,
      }
    }),
  )

  expect(leads.length).toBeGreaterThan(70)
  for (const { method, path, want, route } of leads)
    expect([method, path, route?.auth, route?.to]).toEqual([method, path, ...want])
})

test('this machine and the template choose the same route of every request', () => {
  const differing = METHODS.flatMap((method) =>
    TARGETS.flatMap((target) => {
      const segments = target.split('/').map(decodeURIComponent)
      const here = locally(method, target)?.routeKey
      const there = chosen(method, segments)
      return here === there ? [] : [{ method, target, here, there }]
    }),
  )

  expect(TARGETS.length).toBeGreaterThan(500)
  expect(differing).toEqual([])
})

describe.each(Object.entries(READINGS))('where the gateway %s, however a path is written', (_, read) => {
  const requests = METHODS.flatMap((method) =>
    TARGETS.map((target) => {
      const key = chosen(method, read(target))
      const { rawPath = '' } = locally(method, target) ?? {}
      return { method, target, key, rawPath, route: deployed.get(key) }
    }),
  )

  test('no request reaches the function of operators without a credential', () => {
    const there = requests.filter(({ route }) => route?.to === 'operations')

    expect(there.length).toBeGreaterThan(100)
    expect(there.filter(({ route }) => route?.auth !== 'AWS_IAM')).toEqual([])
  })

  test('what the live route takes is a live read or nothing', () => {
    const match = operatorRouter(jobs)
    const liveReads = requests.filter(({ key }) => key.endsWith('/v1/live/{proxy+}'))

    const served = liveReads.flatMap(({ method, rawPath, target }) => {
      try {
        const { row } = match(method, rawPath)
        return row.serves === 'live' ? [] : [{ method, target, path: row.path }]
      } catch (refused) {
        expect(refused).toMatchObject({ result: { statusCode: expect.toBeOneOf([404, 405]) } })
        return []
      }
    })

    expect(liveReads.length).toBeGreaterThan(100)
    expect(served).toEqual([])
  })

  test('reads serve over $default neither a live read nor anything else', async () => {
    const { answer } = reader(globalMarketWorld())
    const rest = requests.filter(({ key, method }) => key === '$default' && method !== 'OPTIONS')

    const statuses = await Promise.all(
      rest.map(async ({ method, rawPath }) => {
        const { statusCode } = await answer({ method, path: rawPath, routeKey: '$default', headers: {} })
        return statusCode
      }),
    )

    expect(new Set(statuses)).toEqual(new Set([400, 404, 405]))
  })
})
