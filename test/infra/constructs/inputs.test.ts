import { describe, expect, test } from 'vitest'
import { checkTemplate } from '#infra/checks/template.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { routeTable } from '#shared/http/routes.ts'
import { flattenIntrinsics, synthesize } from '#test/support/infra/synthesis.ts'
import { tinyJob, tinyTaskJob } from '#test/support/jobs/test-jobs.ts'

const set = (id: string) => tinyJob({ id, stored: 'snapshot' })

const declared = [
  set('coins'),
  set('shares'),
  tinyJob({ id: 'plain-reader', inputs: ['shares', 'coins'] }),
  tinyJob({ id: 'off-reader', inputs: ['coins'], off: () => 'not wanted' }),
  tinyTaskJob({ id: 'task-one', inputs: ['coins'], follows: ['coins'] }),
  tinyTaskJob({ id: 'task-two', inputs: ['coins'] }),
  tinyTaskJob({ id: 'task-alone' }),
]
const { template, ofType } = synthesize({ jobs: declared })
const rules = ofType('AWS::Events::Rule').filter(
  ({ properties }) => properties.EventPattern['detail-type'][0] === 'dataset.refreshed',
)

describe('the edge from a publication to the jobs that read it', () => {
  test('is one rule for each plain job, and one for all tasks; of a job that is off there is none', () => {
    expect(rules.map(({ id, properties }) => [id.replace(/Inputs.*/, ''), properties.EventPattern])).toEqual([
      [
        'Jobplainreader',
        {
          source: ['freshet'],
          'detail-type': ['dataset.refreshed'],
          // its own keys have no form that those of its inputs could have
          detail: { job: ['coins', 'shares'], key: [{ exists: false }] },
        },
      ],
      [
        'Submit',
        {
          source: ['freshet'],
          'detail-type': ['dataset.refreshed'],
          // a run of one key is no task
          detail: { job: ['coins'], key: [{ exists: false }] },
        },
      ],
    ])
  })

  test('leads to the alias, has its own age, retries and failure queue, and may be invoked by its rule alone', () => {
    for (const { id, properties } of rules) {
      expect(properties.State).toBe('ENABLED')
      expect(properties.EventBusName).toEqual({ Ref: expect.stringMatching(/^Bus/) })
      const [target, ...others] = properties.Targets
      expect(others).toEqual([])
      expect(target).toMatchObject({
        RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 300 },
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': [expect.stringMatching(/^Undelivered/), 'Arn'] } },
      })
      const permissions = ofType('AWS::Lambda::Permission').filter(({ properties: { SourceArn } }) =>
        flattenIntrinsics(SourceArn).includes(`<${id}.Arn>`),
      )
      expect(permissions.map(({ properties: one }) => [one.Principal, one.FunctionName])).toEqual([
        ['events.amazonaws.com', target.Arn],
      ])
    }
  })

  test('passes the checks of a template', () => {
    const rows = routeTable(declared.map((job) => resolveJob(job, {})))

    expect(checkTemplate(template, rows)).toEqual([])
  })

  test('is not there where no job reads another', () => {
    const { ofType: typed } = synthesize({ jobs: [set('coins'), tinyTaskJob()] })

    expect(JSON.stringify(typed('AWS::Events::Rule'))).not.toContain('dataset.refreshed')
  })
})

test('the submitting function may read and count for jobs with inputs, and read no other job’s state', () => {
  const statements = ofType('AWS::IAM::Policy')
    .filter(({ id }) => id.startsWith('SubmitRole'))
    .flatMap(({ properties }) => properties.PolicyDocument.Statement)
  const partitions = statements.flatMap(({ Action, Condition }) =>
    [Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? []]
      .flat()
      .filter((key: string) => key.startsWith('public#') || key.endsWith('#control'))
      .flatMap((key: string) => [Action].flat().map((action) => `${action} ${key}`)),
  )

  expect(partitions).toEqual([
    'dynamodb:GetItem public#task-one',
    'dynamodb:GetItem public#task-two',
    'dynamodb:GetItem job#task-one#control',
    'dynamodb:GetItem job#task-two#control',
    'dynamodb:UpdateItem public#task-one',
    'dynamodb:UpdateItem public#task-two',
  ])
})
