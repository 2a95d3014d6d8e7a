import { expect, test } from 'vitest'
import { job as fundingRates } from '#functions/jobs/funding-rates/job.ts'
import { job as globalMarket } from '#functions/jobs/global-market/job.ts'
import { job as symbolUniverse } from '#functions/jobs/symbol-universe/job.ts'
import type { SynthesizedTemplate } from '#infra/checks/findings.ts'
import { checkRouteAuthorization } from '#infra/checks/routes.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { routeTable } from '#shared/http/routes.ts'
import { synthesize, testStage } from '#test/support/infra/synthesis.ts'

const rows = routeTable([resolveJob(globalMarket, {})])
const { template } = synthesize()

type Changes = Readonly<Record<string, unknown>>

/** The template with the properties of one route changed; with the route gone where nothing is left of it. */
function changed(key: string, changes: Changes | undefined): SynthesizedTemplate {
  const resources = Object.entries(template.Resources).flatMap(([id, resource]) => {
    if (resource.Properties['RouteKey'] !== key) return [[id, resource]] as const
    if (!changes) return []
    return [[id, { ...resource, Properties: { ...resource.Properties, ...changes } }]] as const
  })
  expect(resources.length + (changes ? 0 : 1)).toBe(Object.keys(template.Resources).length)
  return { Resources: Object.fromEntries(resources) }
}

test.each([
  ['iam', { auth: 'iam' }],
  ['jwt', { auth: 'jwt', issuer: 'https://id.example', audience: ['freshet'], scope: 'jobs:write' }],
])('the routes of a stage with operators by %s are guarded', (_, operators) => {
  const synthesized = synthesize({ config: testStage({ operators }) })

  expect(checkRouteAuthorization(synthesized.template, rows)).toEqual([])
})

test.each([
  ['no authorizer at all', { AuthorizationType: undefined }],
  ['NONE', { AuthorizationType: 'NONE' }],
  ['a token of no issuer', { AuthorizationType: 'JWT', AuthorizationScopes: ['jobs:write'] }],
  ['a token without a scope', { AuthorizationType: 'JWT', AuthorizerId: 'a', AuthorizationScopes: [] }],
])('an operator’s route with %s is refused, whether it changes or shows something (F47)', (_, changes) => {
  for (const key of ['POST /v1/jobs/{id}/pause', 'GET /v1/audit', 'GET /v1/live/{proxy+}']) {
    const findings = checkRouteAuthorization(changed(key, changes), rows)

    expect(findings).toEqual([
      {
        check: 'routes',
        subject: key,
        severity: 'error',
        message: expect.stringMatching(/^expected AWS_IAM, or JWT with an authorizer and a scope; got /),
      },
    ])
  }
})

test('an open route that leads to the operators’ function is refused, $default too', () => {
  const [operations] = Object.values(template.Resources).filter(
    ({ Properties }) => Properties['RouteKey'] === 'GET /v1/jobs',
  )
  const { Target } = operations?.Properties ?? {}

  const findings = ['$default', 'GET /health'].map((key) =>
    checkRouteAuthorization(changed(key, { Target }), rows),
  )

  expect(findings.flat().map(({ subject, message }) => [subject, message])).toEqual([
    ['$default', expect.stringContaining('expected another target than that of the routes of operators')],
    ['GET /health', expect.stringContaining('expected another target than that of the routes of operators')],
  ])
})

test('an open path of tasks may lead where operators’ submissions lead, and not where their other routes do', () => {
  const own = routeTable([resolveJob(fundingRates, {})]).filter(({ serves }) => serves === 'submission')
  const open = 'GET /funding_monitor/latest-rates-async'
  const route = (RouteKey: string, Target: string, closed: boolean) => ({
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: { RouteKey, Target, AuthorizationType: closed ? 'AWS_IAM' : 'NONE' },
  })
  const resources = (Target: string) => ({
    open: route(open, Target, false),
    refreshes: route('POST /funding_monitor/refreshes', 'submit', true),
    jobs: route('GET /v1/jobs', 'operations', true),
  })
  const table = [...own, ...rows.filter(({ path }) => path === '/v1/jobs')]

  const right = checkRouteAuthorization({ Resources: resources('submit') }, table)
  const wrong = checkRouteAuthorization({ Resources: resources('operations') }, table)

  expect(right).toEqual([])
  expect(wrong).toEqual([
    expect.objectContaining({ subject: open, message: expect.stringContaining('expected another target') }),
  ])
})

test('a route that the table does not have is refused, and one that is missing', () => {
  const other = checkRouteAuthorization(changed('GET /health', { RouteKey: 'ANY /{proxy+}' }), rows)
  const missing = checkRouteAuthorization(changed('GET /v1/jobs', undefined), rows)
  const twins = checkRouteAuthorization(
    changed('GET /v1/live/{proxy+}', { RouteKey: 'ANY /v1/live/{proxy+}' }),
    rows,
  )

  expect(other.map(({ subject }) => subject)).toEqual(['GET /health', 'ANY /{proxy+}'])
  expect(missing).toEqual([expect.objectContaining({ subject: 'GET /v1/jobs' })])
  expect(twins.map(({ subject }) => subject)).toEqual(
    expect.arrayContaining(['GET /v1/live/{proxy+}', 'ANY /v1/live/{proxy+}']),
  )
})

test('a path that is public to read and for operators to change has an open route and a guarded one, to two functions', () => {
  const both = routeTable([resolveJob(symbolUniverse, {})])
  const path = '/api/gainer-analysis/symbols'
  const routes = Object.values(synthesize({ jobs: [symbolUniverse] }).template.Resources)
    .map((resource) => resource.Properties)
    .filter((properties) => String(properties?.['RouteKey']).endsWith(` ${path}`))
  const kinds = new Map(routes.map((route) => [route['RouteKey'], route['AuthorizationType'] ?? 'NONE']))
  const targets = new Map(routes.map((route) => [route['RouteKey'], route['Target']]))
  const withPut = (Properties: object) => ({
    Resources: Object.fromEntries(
      Object.entries(synthesize({ jobs: [symbolUniverse] }).template.Resources).map(([id, resource]) => [
        id,
        resource.Properties?.['RouteKey'] === `PUT ${path}`
          ? { ...resource, Properties: { ...resource.Properties, ...Properties } }
          : resource,
      ]),
    ),
  })

  const right = checkRouteAuthorization(withPut({}), both)
  const open = checkRouteAuthorization(withPut({ AuthorizationType: 'NONE' }), both)
  const together = checkRouteAuthorization(withPut({ Target: targets.get(`GET ${path}`) }), both)

  expect(kinds).toEqual(
    new Map([
      [`GET ${path}`, 'NONE'],
      [`HEAD ${path}`, 'NONE'],
      [`PUT ${path}`, 'AWS_IAM'],
    ]),
  )
  expect(right).toEqual([])
  expect(open).toEqual([expect.objectContaining({ subject: `PUT ${path}` })])
  expect(together.map(({ subject }) => subject)).toContain(`GET ${path}`)
})
