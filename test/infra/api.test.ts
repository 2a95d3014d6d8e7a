import { expect, test } from 'vitest'
import { job as globalMarket } from '#functions/jobs/global-market/job.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { routeTable } from '#shared/http/routes.ts'
import { stage } from '#test/support/stage.ts'
import { flat, synthesize } from '#test/support/synthesis.ts'

const { ofType } = synthesize()

test('the gateway has the rows of the route table, and $default for the 404 and 405 of reads', () => {
  const rows = routeTable([resolveJob(globalMarket, {})])
  const declared = rows.flatMap(({ methods, path }) => methods.map((method) => `${method} ${path}`))

  const keys = ofType('AWS::ApiGatewayV2::Route').map(({ properties }) => properties.RouteKey)

  expect(declared).toHaveLength(4)
  expect(keys.sort()).toEqual(['$default', ...declared].sort())
})

test('every route goes to the alias of reads, by payload 2.0', () => {
  const integrations = ofType('AWS::ApiGatewayV2::Integration')
  const targets = ofType('AWS::ApiGatewayV2::Route').map(({ properties }) => flat(properties.Target))

  expect(integrations).toHaveLength(1)
  expect(integrations[0]?.properties).toMatchObject({
    IntegrationType: 'AWS_PROXY',
    PayloadFormatVersion: '2.0',
    IntegrationUri: { Ref: expect.stringMatching(/^ReadsFunctionAliaslive/) },
  })
  expect(new Set(targets)).toEqual(new Set([`integrations/<${integrations[0]?.id}>`]))
})

test('two permissions let all routes and $default in, however many routes there are', () => {
  const permissions = ofType('AWS::Lambda::Permission')
    .map(({ properties }) => properties)
    .filter(({ Principal }) => Principal === 'apigateway.amazonaws.com')

  const sources = permissions.map(({ SourceArn }) => flat(SourceArn).replace(/^.*<ReadingApi\w+>/, ''))

  expect(sources.sort()).toEqual(['/*/$default', '/*/*/*'])
  for (const { FunctionName } of permissions) expect(flat(FunctionName)).toMatch(/^<ReadsFunctionAliaslive/)
})

test('the stage limits the rate and writes a short JSON line a request', () => {
  const [found, ...others] = ofType('AWS::ApiGatewayV2::Stage')

  const { DefaultRouteSettings, AccessLogSettings, StageName } = found?.properties ?? {}
  const fields = JSON.parse(AccessLogSettings.Format) as Record<string, string>

  expect(others).toEqual([])
  expect(StageName).toBe('$default')
  expect(DefaultRouteSettings).toEqual({ ThrottlingRateLimit: 10, ThrottlingBurstLimit: 20 })
  expect(Object.keys(fields)).toContain('status')
  for (const field of Object.values(fields)) expect(field).toMatch(/^\$context\.[A-Za-z.]+$/)
  expect(AccessLogSettings.Format.length).toBeLessThan(350)
  expect(flat(AccessLogSettings.DestinationArn)).toMatch(/^<ReadingAccessLog/)
})

test('reads have time for a cold wait, memory for a first one, and no source maps', () => {
  const [reads] = ofType('AWS::Lambda::Function').filter(({ id }) => id.startsWith('Reads'))

  expect(reads?.properties).toMatchObject({ MemorySize: 1_024, Timeout: 15 })
  expect(reads?.properties.Environment.Variables).not.toHaveProperty('NODE_OPTIONS')
})

test('without origins in the stage file no answer carries a CORS header', () => {
  const [api] = ofType('AWS::ApiGatewayV2::Api')

  expect(api?.properties).not.toHaveProperty('CorsConfiguration')
})

test('the origins of the stage file may read, without credentials', () => {
  const open = synthesize({ config: stage({ corsOrigins: ['https://a.example', 'http://localhost:3000'] }) })

  const [api] = open.ofType('AWS::ApiGatewayV2::Api')

  expect(api?.properties.CorsConfiguration).toMatchObject({
    AllowOrigins: ['https://a.example', 'http://localhost:3000'],
    AllowMethods: ['GET', 'HEAD'],
    ExposeHeaders: expect.arrayContaining(['age', 'x-cache']),
  })
  expect(api?.properties.CorsConfiguration).not.toHaveProperty('AllowCredentials', true)
})
