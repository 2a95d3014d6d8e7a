import { AwsSolutionsChecks } from 'cdk-nag'
import { expect, test } from 'vitest'
import { acknowledgementsOf } from '#infra/constructs/acknowledgements.ts'
import { synthesize } from '#test/support/infra/synthesis.ts'
import { tinyJob } from '#test/support/jobs/test-jobs.ts'

const stats = { method: 'GET', path: '/tiny/stats', about: 'x', operation: 'show-cache-stats' } as const
const withStats = synthesize({
  jobs: [tinyJob({ aliases: [{ ...stats, jobs: ['tiny'] }] })],
  validates: true,
})
const without = synthesize({ jobs: [tinyJob()] })

/** The statements of roles that allow to read metrics, with the policy that they are in. */
function metricStatements({ ofType }: typeof without) {
  return ofType('AWS::IAM::Policy').flatMap(({ id, properties }) =>
    properties.PolicyDocument.Statement.filter(({ Action }: { Action: string | string[] }) =>
      [Action].flat().some((action) => action.startsWith('cloudwatch:')),
    ).map(({ Action, Resource }: { Action: string; Resource: string }) => ({
      policy: id.replace(/[0-9A-F]{8}$/, ''),
      Action,
      Resource,
    })),
  )
}

test('the operators’ function may read metrics where an operation shows them, and no other function may', () => {
  expect(metricStatements(withStats)).toEqual([
    { policy: 'OperationsRoleDefaultPolicy', Action: 'cloudwatch:GetMetricData', Resource: '*' },
  ])
  expect(metricStatements(without)).toEqual([])
})

test('that its statement names no resource has a stated reason', () => {
  expect(new AwsSolutionsChecks(withStats.app).validateScope(withStats.app).violations).toEqual([])
  const reasons = acknowledgementsOf(withStats.stack).filter(({ id }) => id.endsWith('[Resource::*]'))
  expect(reasons).toEqual([
    {
      where: 'Operations/Role',
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'CloudWatch has no resources that the permission to read metrics could be limited to',
    },
  ])
  expect(acknowledgementsOf(without.stack).filter(({ id }) => id.endsWith('[Resource::*]'))).toEqual([])
})
