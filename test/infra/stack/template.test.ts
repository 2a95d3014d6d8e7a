import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Code } from 'aws-cdk-lib/aws-lambda'
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag'
import { afterAll, expect, test } from 'vitest'
import { job as globalMarket } from '#functions/jobs/global-market/job.ts'
import { checkTemplate, permissionsByFunction } from '#infra/checks/template.ts'
import { acknowledgementsOf } from '#infra/constructs/acknowledgements.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { cron } from '#shared/declare/schedule.ts'
import { routeTable } from '#shared/http/routes.ts'
import { flattenIntrinsics, synthesize, testStage } from '#test/support/infra/synthesis.ts'

const folder = mkdtempSync(join(tmpdir(), 'freshet-code-'))
afterAll(() => rmSync(folder, { recursive: true }))
writeFileSync(join(folder, 'index.cjs'), 'exports.handler = async () => ({})\n')

const config = testStage({
  settings: { COINGECKO_PLAN: 'demo', COINGECKO_KEY_PARAMETER: '/freshet/coingecko' },
  alarmEmail: 'alarms@example.org',
  corsOrigins: ['https://example.org'],
})
const { app, stack, template, resources, ofType } = synthesize({
  config,
  codeOf: () => Code.fromAsset(folder),
  validates: true,
})

expect.addSnapshotSerializer({
  test: (value) => typeof value === 'string' && /[0-9a-f]{64}\.(zip|json)$/.test(value),
  serialize: (value: string, config_, indentation, depth, refs, printer) =>
    printer(
      value.replace(/[0-9a-f]{64}(?=\.(zip|json)$)/, '<asset-hash>'),
      config_,
      indentation,
      depth,
      refs,
    ),
})

test('the template of a fixed declaration stays as it is', () => {
  const text = JSON.stringify(template).replaceAll(
    /(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}/g,
    '$1<version-hash>',
  )

  expect(JSON.parse(text)).toMatchSnapshot()
})

test.each([
  ['AwsSolutions', AwsSolutionsChecks],
  ['Serverless', ServerlessChecks],
])('the rule pack %s has no finding', (_, Pack) => {
  const { violations } = new Pack(app).validateScope(app)

  expect(violations).toEqual([])
})

test('what is accepted of the rule packs is listed in full, each with a reason', () => {
  const table = acknowledgementsOf(stack).map(({ where, id, reason }) => `${where} | ${id} | ${reason}`)

  expect(table).toMatchInlineSnapshot(`
    [
      "Alarms/alarms@example.org | Serverless-SNSRedrivePolicy | a queue would not help with a rejected mail; the alarm stays visible in CloudWatch",
      "FailedRuns | AwsSolutions-SQS3 | it is a dead-letter queue itself",
      "FailedRuns | Serverless-SQSRedrivePolicy | it is a dead-letter queue itself",
      "Job-global-market/Live/Function | Serverless-LambdaDLQ | failed asynchronous invocations go to the on-failure destination of the alias",
      "Job-global-market/Live/Function | Serverless-LambdaTracing | off: a run is one log line under one id, traces cost money per call, and their permission cannot be limited to a resource",
      "Operations/Function | Serverless-LambdaDLQ | only invoked synchronously, by the gateway",
      "Operations/Function | Serverless-LambdaTracing | off: a run is one log line under one id, traces cost money per call, and their permission cannot be limited to a resource",
      "OperatorsPolicy | AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<ReadingApi2ADCBB38>/$default/GET/admin/*] | the wildcards stand for path parameters, and for paths that only operators have",
      "OperatorsPolicy | AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<ReadingApi2ADCBB38>/$default/GET/api/v1/admin/*] | the wildcards stand for path parameters, and for paths that only operators have",
      "OperatorsPolicy | AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<ReadingApi2ADCBB38>/$default/GET/v1/*] | the wildcards stand for path parameters, and for paths that only operators have",
      "OperatorsPolicy | AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<ReadingApi2ADCBB38>/$default/POST/admin/*] | the wildcards stand for path parameters, and for paths that only operators have",
      "OperatorsPolicy | AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<ReadingApi2ADCBB38>/$default/POST/api/*] | the wildcards stand for path parameters, and for paths that only operators have",
      "OperatorsPolicy | AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<ReadingApi2ADCBB38>/$default/POST/v1/*] | the wildcards stand for path parameters, and for paths that only operators have",
      "OperatorsPolicy | AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<ReadingApi2ADCBB38>/$default/PUT/v1/*] | the wildcards stand for path parameters, and for paths that only operators have",
      "Reading/Api/GET--api--v1--currencies--global-market-stats | AwsSolutions-APIG4 | the stage file makes reads public (reads.auth)",
      "Reading/Api/GET--datasets | AwsSolutions-APIG4 | the stage file makes reads public (reads.auth)",
      "Reading/Api/GET--health | AwsSolutions-APIG4 | the stage file makes reads public (reads.auth)",
      "Reading/Api/GET--openapi.json | AwsSolutions-APIG4 | the stage file makes reads public (reads.auth)",
      "Reading/Api/HEAD--api--v1--currencies--global-market-stats | AwsSolutions-APIG4 | the stage file makes reads public (reads.auth)",
      "Reading/Api/HEAD--datasets | AwsSolutions-APIG4 | the stage file makes reads public (reads.auth)",
      "Reading/Api/HEAD--health | AwsSolutions-APIG4 | the stage file makes reads public (reads.auth)",
      "Reading/Api/HEAD--openapi.json | AwsSolutions-APIG4 | the stage file makes reads public (reads.auth)",
      "Reading/Default | AwsSolutions-APIG4 | it serves no data: the files of the page, 404 and 405",
      "Reads/Function | Serverless-LambdaDLQ | only invoked synchronously, by the gateway",
      "Reads/Function | Serverless-LambdaTracing | off: a run is one log line under one id, traces cost money per call, and their permission cannot be limited to a resource",
      "Undelivered | AwsSolutions-SQS3 | it is a dead-letter queue itself",
      "Undelivered | Serverless-SQSRedrivePolicy | it is a dead-letter queue itself",
      "Watchdog/Function | Serverless-LambdaDLQ | failed asynchronous invocations go to the on-failure destination of the alias",
      "Watchdog/Function | Serverless-LambdaTracing | off: a run is one log line under one id, traces cost money per call, and their permission cannot be limited to a resource",
    ]
  `)
})

test('every schedule is a cron that EventBridge Scheduler can read', () => {
  const schedules = ofType('AWS::Scheduler::Schedule')

  expect(schedules).toHaveLength(2)
  for (const { properties } of schedules) {
    const { ScheduleExpression: expression, ScheduleExpressionTimezone: zone } = properties
    expect(cron(expression, zone)).toEqual({ expression, zone })
  }
})

test('every log group forgets after the days of the stage', () => {
  const groups = ofType('AWS::Logs::LogGroup')

  expect(groups).toHaveLength(5)
  for (const { properties } of groups) expect(properties.RetentionInDays).toBe(14)
})

test('every function has explicit memory and timeout, its own role and its own log', () => {
  const functions = ofType('AWS::Lambda::Function')

  expect(functions).toHaveLength(4)
  for (const { properties } of functions) {
    expect(properties).toMatchObject({
      Architectures: ['arm64'],
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      MemorySize: expect.any(Number),
      Timeout: expect.any(Number),
    })
  }
  expect(new Set(functions.map(({ properties }) => flattenIntrinsics(properties.Role))).size).toBe(4)
  expect(
    new Set(functions.map(({ properties }) => flattenIntrinsics(properties.LoggingConfig.LogGroup))).size,
  ).toBe(4)
})

test('no function reserves concurrency, so that chunks and cold reads are not throttled by it', () => {
  for (const { properties } of ofType('AWS::Lambda::Function')) {
    expect(properties).not.toHaveProperty('ReservedConcurrentExecutions')
  }
})

test('a stage may cap its reads, and nothing else', () => {
  const { ofType: typed } = synthesize({ config: testStage({ reservedConcurrency: 7 }) })

  const capped = typed('AWS::Lambda::Function').map(({ properties }) => [
    properties.Description,
    properties.ReservedConcurrentExecutions,
  ])

  expect(capped.filter(([, reserved]) => reserved !== undefined)).toEqual([['Public reads', 7]])
})

test('the table clears by expiresAt, can be restored, has no index and goes with a stage that is not protected', () => {
  const [table, ...others] = ofType('AWS::DynamoDB::GlobalTable')

  expect(others).toEqual([])
  expect(table?.DeletionPolicy).toBe('Delete')
  expect(table?.properties).toMatchObject({
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    Replicas: [
      {
        DeletionProtectionEnabled: false,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      },
    ],
  })
  expect(table?.properties).not.toHaveProperty('GlobalSecondaryIndexes')
})

test('a protected stage keeps its table and itself', () => {
  const { ofType: typed, stack: prod } = synthesize({ config: testStage({ deletionProtection: true }) })

  const [table] = typed('AWS::DynamoDB::GlobalTable')

  expect(table?.DeletionPolicy).toBe('Retain')
  expect(table?.properties.Replicas[0].DeletionProtectionEnabled).toBe(true)
  expect(prod.terminationProtection).toBe(true)
})

test('nothing is above a limit that only the deployment would report', () => {
  const counts = permissionsByFunction(
    ofType('AWS::Lambda::Permission').map(({ id, properties, Type }) => [
      id,
      { Type, Properties: properties },
    ]),
  )

  expect(checkTemplate(template, routeTable([resolveJob(globalMarket, {})]))).toEqual([])
  expect([...counts.values()].sort()).toEqual([1, 1, 2])
  expect(resources.length).toBeLessThan(125)
})

test('the template holds neither a secret nor a path of the machine that built it', () => {
  const text = JSON.stringify(template)

  expect(text).not.toContain(process.cwd())
  expect(ofType('AWS::SecretsManager::Secret')).toEqual([])
  expect(text).toContain('parameter/freshet/coingecko')
})
