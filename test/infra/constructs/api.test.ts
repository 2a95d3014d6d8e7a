import { describe, expect, test } from 'vitest'
import { job as globalMarket } from '#functions/jobs/global-market/job.ts'
import { acknowledgementsOf } from '#infra/constructs/acknowledgements.ts'
import { gatewayRoutes } from '#infra/definitions/gateway-routes.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { type RouteRow, routeTable } from '#shared/http/routes.ts'
import { flattenIntrinsics, synthesize, testStage } from '#test/support/infra/synthesis.ts'
import { tinyTaskJob } from '#test/support/jobs/test-jobs.ts'

const { ofType } = synthesize()

/** Route keys of rows; those of live twins are one a method. */
function keysOf(rows: readonly RouteRow[]): string[] {
  return gatewayRoutes(rows)
    .flatMap(({ methods, path }) => methods.map((method) => `${method} ${path}`))
    .sort()
}

test('the gateway has the rows of the route table, and $default for the 404 and 405 of reads', () => {
  const rows = routeTable([resolveJob(globalMarket, {})])
  const declared = keysOf(rows)

  const keys = ofType('AWS::ApiGatewayV2::Route').map(({ properties }) => properties.RouteKey)

  expect(declared.length).toBeGreaterThan(20)
  expect(keys.sort()).toEqual(['$default', ...declared].sort())
})

test('public routes and $default go to the alias of reads, those of operators to that of operations', () => {
  const integrations = new Map(
    ofType('AWS::ApiGatewayV2::Integration').map(({ id, properties }) => [
      `integrations/<${id}>`,
      properties,
    ]),
  )
  const rows = routeTable([resolveJob(globalMarket, {})])

  const leads = ofType('AWS::ApiGatewayV2::Route').map(({ properties: { RouteKey, Target } }) => ({
    key: RouteKey as string,
    to: flattenIntrinsics(integrations.get(flattenIntrinsics(Target))?.IntegrationUri).replace(
      /FunctionAlias.*$/,
      '',
    ),
  }))

  const closed = leads.filter(({ to }) => to === '<Operations').map(({ key }) => key)
  expect(closed.sort()).toEqual(keysOf(rows.filter(({ access }) => access === 'operator')))
  expect(leads.length - closed.length).toBe(9)
  expect(leads.filter(({ key, to }) => !closed.includes(key) && to !== '<Reads')).toEqual([])
  for (const { IntegrationType, PayloadFormatVersion } of integrations.values()) {
    expect([IntegrationType, PayloadFormatVersion]).toEqual(['AWS_PROXY', '2.0'])
  }
})

test('one permission a function lets all its routes in, and one more $default, however many routes there are', () => {
  const permissions = ofType('AWS::Lambda::Permission')
    .map(({ properties }) => properties)
    .filter(({ Principal }) => Principal === 'apigateway.amazonaws.com')

  const sources = permissions.map(
    ({ SourceArn, FunctionName }) =>
      flattenIntrinsics(FunctionName).replace(/FunctionAlias.*$/, ' ') +
      flattenIntrinsics(SourceArn).replace(/^.*<ReadingApi\w+>/, ''),
  )

  expect(sources.sort()).toEqual(['<Operations /*/*/*', '<Reads /*/$default', '<Reads /*/*/*'])
})

describe('the guard of a route', () => {
  const TOKEN = { auth: 'jwt', issuer: 'https://id.example/', audience: ['freshet'] }
  const rows = routeTable([resolveJob(globalMarket, {})])
  const guards = (changes: Record<string, unknown>) => {
    const typed = synthesize({ config: testStage(changes) }).ofType
    const issuers = new Map(
      typed('AWS::ApiGatewayV2::Authorizer').map(({ id, properties }) => [`<${id}>`, properties]),
    )
    const of = (key: string) => {
      const route = typed('AWS::ApiGatewayV2::Route').find(({ properties }) => properties.RouteKey === key)
      const {
        AuthorizationType: type,
        AuthorizationScopes: scopes,
        AuthorizerId: id,
      } = route?.properties ?? {}
      return {
        type: type ?? 'NONE',
        scopes,
        issuer: id === undefined ? undefined : issuers.get(flattenIntrinsics(id)),
      }
    }
    const many = (access: string) => keysOf(rows.filter((row) => row.access === access)).map(of)
    return { operator: many('operator'), readers: many('public'), rest: of('$default') }
  }

  test('is SigV4 for operators, where the stage has iam, and nothing for readers (F47)', () => {
    const { operator, readers, rest } = guards({ operators: { auth: 'iam' } })

    expect(operator.length).toBeGreaterThan(15)
    expect(new Set(operator.map(({ type }) => type))).toEqual(new Set(['AWS_IAM']))
    expect(new Set([...readers, rest].map(({ type }) => type))).toEqual(new Set(['NONE']))
  })

  test('is a token of one issuer, for one audience and with one scope, where the stage has jwt (F47)', () => {
    const { operator, readers } = guards({ operators: { ...TOKEN, scope: 'jobs:write' } })

    for (const { type, scopes, issuer } of operator) {
      expect([type, scopes]).toEqual(['JWT', ['jobs:write']])
      expect(issuer).toMatchObject({
        AuthorizerType: 'JWT',
        IdentitySource: ['$request.header.Authorization'],
        JwtConfiguration: { Issuer: 'https://id.example/', Audience: ['freshet'] },
      })
    }
    expect(new Set(readers.map(({ type }) => type))).toEqual(new Set(['NONE']))
  })

  test.each([
    ['iam', { auth: 'iam' }, 'AWS_IAM', undefined],
    ['jwt', TOKEN, 'JWT', undefined],
    ['jwt with a scope', { ...TOKEN, scope: 'read' }, 'JWT', ['read']],
  ])('of readers is %s where the stage has it, and never guards $default', (_, auth, type, scopes) => {
    const throttle = { rate: 1, burst: 1 }

    const { readers, rest } = guards({ reads: { ...auth, throttle } })

    for (const reader of readers) expect(reader).toMatchObject({ type, scopes })
    expect(rest.type).toBe('NONE')
  })

  test.each(['public', 'iam'])('of readers by %s is known to reads where it is not public', (auth) => {
    const throttle = { rate: 1, burst: 1 }

    const typed = synthesize({ config: testStage({ reads: { auth, throttle } }) }).ofType
    const [reads] = typed('AWS::Lambda::Function').filter(({ id }) => id.startsWith('Reads'))

    const readsAuth = reads?.properties.Environment.Variables.FRESHET_READS_AUTH
    expect(readsAuth).toBe(auth === 'public' ? undefined : auth)
  })

  test('leaves no unacknowledged finding of the rule packs where readers are authorized too', () => {
    const config = testStage({ reads: { auth: 'iam', throttle: { rate: 1, burst: 1 } } })

    const { stack } = synthesize({ config })
    const open = acknowledgementsOf(stack).filter(({ id }) => id === 'AwsSolutions-APIG4')

    expect(open).toEqual([
      {
        where: 'Reading/Default',
        id: 'AwsSolutions-APIG4',
        reason: 'it serves no data: the files of the page, 404 and 405',
      },
    ])
  })
})

test('the stage limits the rate and writes a short JSON line a request', () => {
  const [stage, ...others] = ofType('AWS::ApiGatewayV2::Stage')

  const { DefaultRouteSettings, AccessLogSettings, StageName } = stage?.properties ?? {}
  const fields = JSON.parse(AccessLogSettings.Format) as Record<string, string>

  expect(others).toEqual([])
  expect(StageName).toBe('$default')
  expect(DefaultRouteSettings).toEqual({ ThrottlingRateLimit: 10, ThrottlingBurstLimit: 20 })
  const { service, ...variables } = fields
  expect(service).toBe('test')
  for (const field of Object.values(variables)) expect(field).toMatch(/^\$context\.[A-Za-z.]+$/)
  expect(AccessLogSettings.Format.length).toBeLessThan(520)
  expect(flattenIntrinsics(AccessLogSettings.DestinationArn)).toMatch(/^<ReadingAccessLog/)
})

test('each public path that submits tasks has limits of its own, and no other route (submissions.throttle)', () => {
  const submissions = { throttle: { rate: 2, burst: 5 } }
  const submit = (path: string, access: 'public' | 'operator') =>
    ({ path, method: 'POST', about: 'Submits it', access }) as const
  const jobs = [
    tinyTaskJob({ submits: [submit('/toy/submit', 'public'), submit('/toy/refreshes', 'operator')] }),
  ]

  const limited = synthesize({ config: testStage({ submissions }), jobs })
  const [stage] = limited.ofType('AWS::ApiGatewayV2::Stage')
  const [route] = limited
    .ofType('AWS::ApiGatewayV2::Route')
    .filter(({ properties }) => properties.RouteKey === 'POST /toy/submit')
  const [unlimited] = synthesize({ jobs }).ofType('AWS::ApiGatewayV2::Stage')

  expect(stage?.properties.RouteSettings).toEqual({
    'POST /toy/submit': { ThrottlingRateLimit: 2, ThrottlingBurstLimit: 5 },
  })
  expect(stage?.properties.DefaultRouteSettings).toEqual({
    ThrottlingRateLimit: 10,
    ThrottlingBurstLimit: 20,
  })
  expect(stage?.DependsOn).toContain(route?.id)
  expect(unlimited?.properties).not.toHaveProperty('RouteSettings')
})

test('the line has the caller and the reason of a rejection, and never the credential (F47)', () => {
  const [stage] = ofType('AWS::ApiGatewayV2::Stage')

  const fields = JSON.parse(stage?.properties.AccessLogSettings.Format) as Record<string, string>

  expect(fields).toMatchObject({
    status: '$context.status',
    error: '$context.error.message',
    arn: '$context.identity.userArn',
    sub: '$context.authorizer.claims.sub',
    auth: '$context.authorizer.error',
  })
  const telling = /header|query|token|accessKey|apiKey|claims\.(?!sub$)/i
  expect(Object.values(fields).filter((field) => telling.test(field))).toEqual([])
})

test('the line has the message and the status of an invocation that failed', () => {
  const [stage] = ofType('AWS::ApiGatewayV2::Stage')

  const fields = JSON.parse(stage?.properties.AccessLogSettings.Format) as Record<string, string>

  expect(fields).toMatchObject({
    fault: '$context.integrationErrorMessage',
    invoke: '$context.integrationStatus',
  })
})

test('the log has the prefix of vended logs, and product, region and stage in its name', () => {
  const [group, ...others] = ofType('AWS::Logs::LogGroup').filter(({ id }) =>
    id.startsWith('ReadingAccessLog'),
  )

  expect(others).toEqual([])
  expect(flattenIntrinsics(group?.properties.LogGroupName)).toBe(
    '/aws/vendedlogs/apigateway/freshet-<AWS::Region>-test-access',
  )
})

test('operations have time until the gateway times out, and have a failure queue', () => {
  const [operations] = ofType('AWS::Lambda::Function').filter(({ id }) => id.startsWith('Operations'))

  expect(operations?.properties).toMatchObject({ MemorySize: 512, Timeout: 29 })
  expect(operations?.properties.Environment.Variables).toHaveProperty('NODE_OPTIONS', '--enable-source-maps')
})

test('reads have time for a cold wait, memory for a first one, and no source maps', () => {
  const [reads] = ofType('AWS::Lambda::Function').filter(({ id }) => id.startsWith('Reads'))

  expect(reads?.properties).toMatchObject({ MemorySize: 1_024, Timeout: 15 })
  expect(reads?.properties.Environment.Variables).not.toHaveProperty('NODE_OPTIONS')
})

test.each([[[]], [['https://a.example', 'http://localhost:3000']]])(
  'the gateway adds no CORS header to any route; reads and submissions have the origins %j (F50)',
  (corsOrigins) => {
    const { ofType: typed } = synthesize({ config: testStage({ corsOrigins }), jobs: [tinyTaskJob()] })

    const [api] = typed('AWS::ApiGatewayV2::Api')
    const functionOrigins = typed('AWS::Lambda::Function').flatMap(({ id, properties }) => {
      const origins = properties.Environment?.Variables.FRESHET_CORS_ORIGINS
      return origins === undefined ? [] : [[id.replace(/Function.*$/, ''), origins]]
    })

    expect(api?.properties).not.toHaveProperty('CorsConfiguration')
    expect(functionOrigins.sort()).toEqual(
      corsOrigins.length === 0
        ? []
        : [
            ['Reads', corsOrigins.join()],
            ['Submit', corsOrigins.join()],
          ],
    )
  },
)
