import { expect, test } from 'vitest'
import { flattenIntrinsics, synthesize, testStage } from '#test/support/infra/synthesis.ts'

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
