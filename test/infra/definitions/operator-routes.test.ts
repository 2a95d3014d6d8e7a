import { expect, test } from 'vitest'
import { jobs as declared } from '#functions/jobs/declared.ts'
import { gatewayRoutes } from '#infra/definitions/gateway-routes.ts'
import { operatorRoutePatterns, type RoutePattern } from '#infra/definitions/operator-routes.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { type RouteRow, routeTable } from '#shared/http/routes.ts'
import { tinyJob } from '#test/support/jobs/test-jobs.ts'

const rows = routeTable(declared.map((job) => resolveJob(job, {})))

/** The end of the ARN that IAM compares, once with the template of the path and once with a request's path. */
function endsOf(routes: readonly RouteRow[], access: string): readonly string[] {
  return gatewayRoutes(routes)
    .filter((route) => route.access === access)
    .flatMap(({ methods, path }) => methods.map((method) => `${method}${path}`))
    .flatMap((end) => [end, end.replaceAll(/\{[^}]+\}/g, 'XY1')])
}

/** As IAM compares: `*` stands for any characters, `/` included. */
function allows(patterns: readonly RoutePattern[], end: string): boolean {
  return patterns.some(({ method, path }) => {
    const parts = `${method}${path}`.split('*').map((part) => part.replaceAll(/[.+]/g, '\\$&'))
    return new RegExp(`^${parts.join('.*')}$`).test(end)
  })
}

test('every route of operators is allowed, and no public one', () => {
  const patterns = operatorRoutePatterns(rows)
  const operator = endsOf(rows, 'operator')
  const open = endsOf(rows, 'public')

  expect(operator.length).toBeGreaterThan(60)
  expect(operator.filter((end) => !allows(patterns, end))).toEqual([])
  expect(open.length).toBeGreaterThan(60)
  expect(open.filter((end) => allows(patterns, end))).toEqual([])
})

test('the routes of a method share their prefix, and a path beside public ones is named in full', () => {
  const patterns = operatorRoutePatterns(rows)
  const texts = patterns.map(({ method, path }) => `${method} ${path}`)

  expect(texts).toEqual(expect.arrayContaining(['GET /v1/*', 'POST /v1/*', 'PUT /v1/*', 'POST /admin/*']))
  expect(texts).toContain('POST /funding_monitor/*')
  expect(texts.filter((text) => text.startsWith('GET /v1/'))).toEqual(['GET /v1/*'])
  expect(new Set(texts).size).toBe(texts.length)
})

test('a public path below a prefix of operators leaves longer prefixes, and few patterns', () => {
  const mixed = routeTable([resolveJob(tinyJob(), {})])
  const patterns = operatorRoutePatterns(mixed)
  const texts = patterns.map(({ method, path }) => `${method} ${path}`)

  expect(endsOf(mixed, 'public')).toContain('GET/v1/tiny')
  expect(allows(patterns, 'GET/v1/tiny')).toBe(false)
  expect(endsOf(mixed, 'operator').filter((end) => !allows(patterns, end))).toEqual([])
  expect(texts).toEqual(expect.arrayContaining(['GET /v1/jobs', 'GET /v1/jobs/*', 'POST /v1/*']))
  expect(texts.filter((text) => text.startsWith('GET /v1/jobs'))).toHaveLength(2)
})
