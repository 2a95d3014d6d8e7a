import { expect, test } from 'vitest'
import { job as globalMarket } from '#functions/jobs/global-market/job.ts'
import { checkRouteCount, checkRoutes } from '#infra/checks/routes.ts'
import { loadJobModules } from '#infra/estimates/job-modules.ts'
import { resolveJob } from '#shared/declare/job.ts'
import type { Route } from '#shared/declare/route.ts'
import { routeTable } from '#shared/http/routes.ts'
import { jobModule, tinyJob } from '#test/support/jobs/test-jobs.ts'

const route: Route = {
  path: '/v1/tiny',
  about: 'What the tiny job stores',
  key: 'only',
  access: 'public',
  effect: 'read',
  cold: 'refuse',
}
const jobWith = (...reads: Route[]) => resolveJob(tinyJob({ reads }), {})
/** A read at a path with whatever parameters it names. */
const readAt = (path: string): Route => {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  const parameters = Object.fromEntries(names.map((name) => [name, { pattern: '.+', about: 'a name' }]))
  return { ...route, path, parameters, key: ['only', ...names.map((name) => `{${name}}`)].join('-') }
}
const described = (...schemaPaths: string[]) => new Map([['tiny', jobModule({ schemaPaths })]])

test('the routes of the first job of the repository have schemas and need no authorizer', async () => {
  const job = resolveJob(globalMarket, {})

  const findings = checkRoutes([job], await loadJobModules([job], 0))

  expect(job.reads).not.toEqual([])
  expect(findings).toEqual([])
})

test('a path is declared once, whatever its parameters are called', () => {
  const parameter = { pattern: '[A-Z]+', about: 'a symbol' }
  const one = { ...route, path: '/v1/{symbol}', key: '{symbol}', parameters: { symbol: parameter } }
  const same = { ...route, path: '/v1/{name}', key: '{name}', parameters: { name: parameter } }

  const findings = checkRoutes([jobWith(one, same)], described('/v1/{symbol}', '/v1/{name}'))

  expect(findings).toEqual([
    {
      check: 'routes',
      subject: '/v1/{name}',
      severity: 'error',
      message: 'expected each path to be declared once a method, got it twice',
    },
  ])
})

test('a job cannot take the path of the health check', () => {
  const findings = checkRoutes([jobWith({ ...route, path: '/health' })], described('/health'))

  expect(findings.map(({ subject }) => subject)).toEqual(['/health'])
})

test('a route that changes something is for operators', () => {
  const findings = checkRoutes([jobWith({ ...route, effect: 'change' })], described(route.path))

  expect(findings).toEqual([
    {
      check: 'routes',
      subject: '/v1/tiny',
      severity: 'error',
      message: 'expected access operator of a route that changes something, got public',
    },
  ])
})

test('a dataset may be for operators only', () => {
  const findings = checkRoutes([jobWith({ ...route, access: 'operator' })], described(route.path))

  expect(findings).toEqual([])
})

test.each(['submit', 'change'] as const)(
  'a dataset of effect %s is refused: no function would serve it',
  (effect) => {
    const job = jobWith({ ...route, access: 'operator', effect })

    const findings = checkRoutes([job], described(route.path))

    expect(findings).toEqual([
      expect.objectContaining({
        subject: '/v1/tiny',
        message: expect.stringContaining('no function serves it'),
      }),
    ])
  },
)

test('a job cannot have the path of a live read', () => {
  const twin = { ...route, path: '/v1/live/v1/tiny' }

  const findings = checkRoutes([jobWith(route, twin)], described(route.path, twin.path))

  expect(findings.map(({ subject, message }) => [subject, message])).toEqual([
    ['/v1/live/v1/tiny', 'expected each path to be declared once a method, got it twice'],
    ['/v1/live/v1/tiny', 'expected only live reads below /v1/live/, got a path of another kind'],
  ])
})

test('a job cannot take requests from the live reads, which share one route', () => {
  const paths = ['/v1/live/other', '/{one}/live/other', '/v1/{one}/other/more', '/{one}/{two}/{three}']

  const findings = checkRoutes([jobWith(...paths.map(readAt))], described(...paths))

  expect(findings.map(({ subject, message }) => [subject, message])).toEqual(
    paths.map((path) => [path, 'expected only live reads below /v1/live/, got a path of another kind']),
  )
})

test('a job may have the paths that no live read can have', () => {
  const paths = ['/v1/live', '/v1/lively/other', '/{one}', '/{one}/alive/other']

  expect(checkRoutes([jobWith(...paths.map(readAt))], described(...paths))).toEqual([])
})

test('a job cannot take a path of the operators, and its other methods stay apart', () => {
  const conflicting = {
    ...route,
    path: '/v1/jobs/{name}',
    parameters: { name: { pattern: '.+', about: 'a name' } },
  }

  const findings = checkRoutes([jobWith({ ...conflicting, key: '{name}' })], described('/v1/jobs/{name}'))

  expect(findings.map(({ subject, message }) => [subject, message])).toEqual([
    ['/v1/jobs/{id}', 'expected each path to be declared once a method, got it twice'],
  ])
})

test('a read without a schema is refused', () => {
  const findings = checkRoutes([jobWith(route)], described('/v1/other'))

  expect(findings).toEqual([
    expect.objectContaining({
      subject: '/v1/tiny',
      message: 'expected a schema of its body, schemas[path] in the schema.ts of tiny; got none',
    }),
  ])
})

/** Rows of as many routes of the gateway, `$default` included. */
/** Routes of the gateway: files of the page are served by `$default`. */
function countOf(rows: ReturnType<typeof routeTable>): number {
  return rows.reduce((sum, { methods, serves }) => sum + (serves === 'page' ? 0 : methods.length), 0)
}

function rowsOf(count: number) {
  const own = routeTable([])
  const spare = count - 1 - countOf(own)
  const [health] = own
  if (!health) throw new Error('expected the row of the health check')
  return [
    ...own,
    ...Array.from({ length: spare }, (_, index) => ({ ...health, methods: ['GET'], path: `/a/${index}` })),
  ]
}

test.each([
  [240, undefined],
  [241, 'warning'],
  [300, 'warning'],
  [301, 'error'],
])('%i routes of the gateway are %s, because an HTTP API has 300 by default', (count, severity) => {
  const findings = checkRouteCount(rowsOf(count))

  expect(findings.map((one) => one.severity)).toEqual(severity === undefined ? [] : [severity])
  for (const { check, subject, message } of findings) {
    expect([check, subject]).toEqual(['routes', 'gateway'])
    expect(message).toContain(`expected at most 300 routes, the default quota of an HTTP API, got ${count}`)
  }
})

test('too many routes are a finding of the system', () => {
  const reads = Array.from({ length: 150 }, (_, index) => readAt(`/v1/tiny/${index}`))
  const paths = reads.map(({ path }) => path)

  const findings = checkRoutes([jobWith(...reads)], described(...paths))

  expect(findings).toEqual([expect.objectContaining({ subject: 'gateway', severity: 'error' })])
})
