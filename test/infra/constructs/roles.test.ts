import { expect, test } from 'vitest'
import { jobs } from '#functions/jobs/declared.ts'
import { functionPermissions, type PermissionTarget } from '#infra/definitions/permissions.ts'
import { resolveSystem } from '#shared/declare/system.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { flattenIntrinsics, synthesize, testStage } from '#test/support/infra/synthesis.ts'

const settings = {
  COINGECKO_PLAN: 'demo',
  COINGECKO_KEY_PARAMETER: '/aws/reference/secretsmanager/coingecko',
}
const declarations = { jobs, upstreams }
const { ofType, functions } = synthesize({ config: testStage({ settings }), jobs })

interface Statement {
  readonly Action: string | string[]
  readonly Resource: unknown
  readonly Condition?: Record<string, Record<string, string | string[]>>
}

function many<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T]
}

/** The statements of the role of a function in the template, without those that only the construct of a function adds. */
function synthesized(name: string) {
  const [resource] = functions(name)
  const role: string = resource?.properties.Role['Fn::GetAtt'][0]
  const policies = ofType('AWS::IAM::Policy').filter(({ properties }) =>
    properties.Roles.some(({ Ref }: { Ref: string }) => Ref === role),
  )
  expect(policies).toHaveLength(1)
  const statements: Statement[] = policies[0]?.properties.PolicyDocument.Statement
  return statements
    .filter(({ Action }) => !many(Action).some((action) => /^(?:logs:|sqs:SendMessage)/.test(action)))
    .map(({ Action, Resource, Condition = {} }) => ({
      actions: many(Action),
      resources: many(Resource).map((one) => flattenIntrinsics(one)),
      leadingKeys: many(Condition['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? []),
      conditions: Object.keys(Condition).length,
    }))
}

function logicalId(type: string, start = ''): string {
  const ids = ofType(type).flatMap(({ id }) => (id.startsWith(start) ? [id] : []))
  expect(ids).toHaveLength(1)
  return ids[0] ?? ''
}

function arnsOf(target: PermissionTarget): readonly string[] {
  const account = '<AWS::Region>:<AWS::AccountId>'
  switch (target.kind) {
    case 'table':
      return [`<${logicalId('AWS::DynamoDB::GlobalTable')}.Arn>`]
    case 'bus':
      return [`<${logicalId('AWS::Events::EventBus')}.Arn>`]
    case 'machines':
      return target.jobs.map(
        (job) => `<${logicalId('AWS::StepFunctions::StateMachine', `Job${job.replaceAll('-', '')}`)}>`,
      )
    case 'metrics':
      return ['*']
    case 'queues':
      return ['FailedRuns', 'Undelivered'].map((start) => `<${logicalId('AWS::SQS::Queue', start)}.Arn>`)
    case 'parameter':
      return [`arn:<AWS::Partition>:ssm:${account}:parameter/${target.name}`]
    case 'secret':
      return [`arn:<AWS::Partition>:secretsmanager:${account}:secret:${target.name}`]
    default:
      return expect.unreachable(JSON.stringify(target))
  }
}

const permissions = functionPermissions(resolveSystem(declarations, settings))

test('every function of the template has its permissions on one machine', () => {
  const names = ofType('AWS::Lambda::Function').map(
    ({ properties }) => / (\S+) /.exec(properties.Code.ZipFile)?.[1],
  )

  expect([...permissions.keys()].sort()).toEqual(names.sort())
  expect(names).toContain('job-global-market')
})

test.each([...permissions])(
  'the role of %s in the template has the statements of one machine, and no others (F83)',
  (name, expected) => {
    expect(synthesized(name)).toEqual(
      expected.map(({ actions, target, leadingKeys }) => ({
        actions,
        resources: arnsOf(target),
        leadingKeys: leadingKeys ?? [],
        conditions: leadingKeys ? 1 : 0,
      })),
    )
  },
)
