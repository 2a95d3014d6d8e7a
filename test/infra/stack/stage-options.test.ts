import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag'
import { describe, expect, test } from 'vitest'
import { job as globalMarket } from '#functions/jobs/global-market/job.ts'
import { flattenIntrinsics, synthesize, testStage } from '#test/support/infra/synthesis.ts'
import { tinyTaskJob } from '#test/support/jobs/test-jobs.ts'

const TOPIC = 'arn:aws:sns:eu-central-1:111122223333:operations'
const RUNBOOK = 'https://docs.example.com/operate'

test('an existing topic gets the alarms, and none is created', () => {
  const { ofType, template } = synthesize({ config: testStage({ alarmTopicArn: TOPIC }) })
  const actions = ofType('AWS::CloudWatch::Alarm').flatMap(({ properties }) => properties.AlarmActions)

  expect(new Set(actions)).toEqual(new Set([TOPIC]))
  expect(ofType('AWS::SNS::Topic')).toEqual([])
  expect(template.Outputs['AlarmTopicArn']?.Value).toBe(TOPIC)
})

test('the descriptions of alarms lead to the published runbook', () => {
  const { ofType } = synthesize({ config: testStage({ runbookUrl: RUNBOOK }) })
  const texts = ofType('AWS::CloudWatch::Alarm').map(({ properties }) => properties.AlarmDescription)

  expect(texts.length).toBeGreaterThan(10)
  for (const text of texts) expect(text).toMatch(/Runbook: https:\/\/docs\.example\.com\/operate#[a-z0-9-]+$/)
})

test('a restored table takes the place of the own one, which stays', () => {
  const { ofType, functions, template } = synthesize({ config: testStage({ restoredTable: 'restored' }) })
  const statements = ofType('AWS::IAM::Policy')
    .flatMap(({ properties }) => properties.PolicyDocument.Statement)
    .filter(({ Action }) => JSON.stringify(Action).includes('dynamodb:'))

  expect(ofType('AWS::DynamoDB::GlobalTable')).toHaveLength(1)
  for (const name of ['reads', 'operations', 'watchdog', 'job-global-market'])
    expect(functions(name)[0]?.properties.Environment.Variables.FRESHET_TABLE).toBe('restored')
  expect(statements.length).toBeGreaterThan(5)
  for (const { Resource } of statements)
    expect(flattenIntrinsics(Resource)).toBe(
      'arn:<AWS::Partition>:dynamodb:<AWS::Region>:<AWS::AccountId>:table/restored',
    )
  expect(template.Outputs['TableName']?.Value).toBe('restored')
})

test('earlier versions of functions are kept, so that the alias can return to one', () => {
  const { resources } = synthesize()
  const versions = resources.filter(({ Type }) => Type === 'AWS::Lambda::Version')

  expect(versions.length).toBeGreaterThan(3)
  for (const { DeletionPolicy } of versions) expect(DeletionPolicy).toBe('Retain')
})

test('the outputs name what operators need', () => {
  const { template } = synthesize()

  expect(Object.keys(template.Outputs)).toEqual(
    expect.arrayContaining([
      'AlarmTopicArn',
      'BusName',
      'Dashboards',
      'FailedRunsQueueUrl',
      'TableName',
      'UndeliveredQueueUrl',
      'Url',
    ]),
  )
})

const CERTIFICATE = 'arn:aws:acm:eu-central-1:111122223333:certificate/12345678-1234-1234-1234-123456789012'
const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/12345678-1234-1234-1234-123456789012'
const DOMAIN = { name: 'data.example.org', certificateArn: CERTIFICATE }
const jobs = [globalMarket, tinyTaskJob()]
const REGION = { region: 'eu-central-1' }
const plain = synthesize({ jobs, config: testStage(REGION) })

describe('a domain', () => {
  const { ofType, template } = synthesize({ config: testStage({ domain: DOMAIN }) })
  const [name] = ofType('AWS::ApiGatewayV2::DomainName')

  test('serves all paths of the stage over TLS 1.2, with the certificate of the stage file', () => {
    const [api] = ofType('AWS::ApiGatewayV2::Api')
    const [mapping, ...others] = ofType('AWS::ApiGatewayV2::ApiMapping')

    expect(name?.properties).toMatchObject({
      DomainName: 'data.example.org',
      DomainNameConfigurations: [
        { CertificateArn: CERTIFICATE, EndpointType: 'REGIONAL', SecurityPolicy: 'TLS_1_2' },
      ],
    })
    expect(others).toEqual([])
    expect(mapping?.properties).toMatchObject({ ApiId: { Ref: api?.id }, DomainName: { Ref: name?.id } })
    expect(mapping?.properties).not.toHaveProperty('ApiMappingKey')
  })

  test('is the URL of the outputs, which have the target of its DNS record too', () => {
    expect(template.Outputs['Url']?.Value).toBe('https://data.example.org/')
    expect(template.Outputs['DomainTarget']?.Value).toEqual({
      'Fn::GetAtt': [name?.id, 'RegionalDomainName'],
    })
    expect(template.Outputs['DomainTargetZoneId']?.Value).toEqual({
      'Fn::GetAtt': [name?.id, 'RegionalHostedZoneId'],
    })
  })

  test.each([
    [undefined, false],
    [false, false],
    [true, true],
  ])(
    'with disableExecuteApi %s leaves the endpoint of execute-api disabled: %s',
    (disableExecuteApi, expected) => {
      const config = testStage({ domain: { ...DOMAIN, disableExecuteApi } })
      const [api] = synthesize({ config }).ofType('AWS::ApiGatewayV2::Api')

      expect(api?.properties.DisableExecuteApiEndpoint ?? false).toBe(expected)
    },
  )

  test('is optional: without it there is no mapping, and the URL is that of execute-api', () => {
    expect(plain.ofType('AWS::ApiGatewayV2::DomainName')).toEqual([])
    expect(plain.ofType('AWS::ApiGatewayV2::ApiMapping')).toEqual([])
    expect(flattenIntrinsics(plain.template.Outputs['Url']?.Value)).toContain('.execute-api.')
  })
})

interface Statement {
  readonly Action: string | readonly string[]
  readonly Resource: unknown
  readonly Condition?: unknown
}

/** The statements of the roles that are not among those of another synthesis, by policy. */
function addedStatements({ ofType }: ReturnType<typeof synthesize>) {
  const before = new Map(plain.ofType('AWS::IAM::Policy').map(({ id, properties }) => [id, properties]))
  return ofType('AWS::IAM::Policy').map(({ id, properties }) => {
    const earlier =
      before.get(id)?.PolicyDocument.Statement.map((one: Statement) => JSON.stringify(one)) ?? []
    const statements: readonly Statement[] = properties.PolicyDocument.Statement
    return { id, added: statements.filter((one) => !earlier.includes(JSON.stringify(one))) }
  })
}

describe('a key of the stage', () => {
  const keyed = synthesize({ jobs, config: testStage({ ...REGION, encryptionKeyArn: KEY }) })

  test('encrypts the table, which stays the same resource', () => {
    const [table, ...others] = keyed.ofType('AWS::DynamoDB::GlobalTable')
    const [before] = plain.ofType('AWS::DynamoDB::GlobalTable')

    expect(others).toEqual([])
    expect(table?.id).toBe(before?.id)
    expect(table?.properties.SSESpecification).toEqual({ SSEEnabled: true, SSEType: 'KMS' })
    expect(table?.properties.Replicas[0].SSESpecification).toEqual({ KMSMasterKeyId: KEY })
  })

  test('may be used by every function, through DynamoDB only, and by nothing else', () => {
    const roles = addedStatements(keyed).filter(({ added }) => added.length > 0)

    expect(roles).toHaveLength(keyed.ofType('AWS::Lambda::Function').length)
    for (const { added } of roles)
      expect(added).toEqual([
        {
          Effect: 'Allow',
          Action: [
            'kms:Decrypt',
            'kms:DescribeKey',
            'kms:Encrypt',
            'kms:GenerateDataKey',
            'kms:GenerateDataKeyWithoutPlaintext',
            'kms:ReEncryptFrom',
            'kms:ReEncryptTo',
          ],
          Resource: KEY,
          Condition: {
            StringEquals: {
              'kms:ViaService': {
                'Fn::Join': ['', ['dynamodb.eu-central-1.', { Ref: 'AWS::URLSuffix' }]],
              },
            },
          },
        },
      ])
  })

  test('is optional: without it no role has a permission of KMS', () => {
    expect(JSON.stringify(plain.ofType('AWS::IAM::Policy'))).not.toContain('kms:')
  })
})

describe('tracing', () => {
  const traced = synthesize({ jobs, config: testStage({ ...REGION, tracing: true }) })
  const modes = ({ ofType }: typeof traced) => [
    ...ofType('AWS::Lambda::Function').map(({ properties }) => properties.TracingConfig?.Mode),
    ...ofType('AWS::StepFunctions::StateMachine').map(
      ({ properties }) => properties.TracingConfiguration?.Enabled,
    ),
  ]

  test('is Lambda’s and Step Functions’ own switch, for all of them', () => {
    const functions = traced.ofType('AWS::Lambda::Function').length

    expect(functions).toBeGreaterThan(5)
    expect(modes(traced)).toEqual([...Array.from({ length: functions }, () => 'Active'), true])
  })

  test('adds permissions of X-Ray to each role that traces, and no other', () => {
    const added = addedStatements(traced).flatMap(({ added: statements }) => statements)
    // the role of a state machine has them in one statement with those of its log
    const actions = new Set(added.flatMap(({ Action }) => Action).filter((one) => !one.startsWith('logs:')))

    expect(added).toHaveLength(modes(traced).length)
    for (const { Resource } of added) expect(Resource).toBe('*')
    expect([...actions].sort()).toEqual([
      'xray:GetSamplingRules',
      'xray:GetSamplingTargets',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ])
  })

  test('is off by default', () => {
    expect(modes(plain).filter((mode) => mode === 'Active' || mode === true)).toEqual([])
    expect(JSON.stringify(plain.template)).not.toContain('xray:')
  })
})

test.each([
  ['AwsSolutions', AwsSolutionsChecks],
  ['Serverless', ServerlessChecks],
])('with a domain, a key and tracing the rule pack %s has no finding', (_, Pack) => {
  const options = { ...REGION, domain: DOMAIN, encryptionKeyArn: KEY, tracing: true }

  const { app } = synthesize({ jobs, config: testStage(options) })

  expect(new Pack(app).validateScope(app).violations).toEqual([])
})
