import { expect, test } from 'vitest'
import { job as globalMarket } from '#functions/jobs/global-market/job.ts'
import { nameInStage, synthesize } from '#test/support/infra/synthesis.ts'
import { tinyJob } from '#test/support/jobs/test-jobs.ts'

const one = synthesize({ jobs: [globalMarket] })
const two = synthesize({ jobs: [globalMarket, tinyJob()] })

/** Types of what the second declaration adds, each with how often. */
function added(): Record<string, number> {
  const before = new Set(one.resources.map(({ id }) => id))
  const counts: Record<string, number> = {}
  for (const { id, Type } of two.resources) {
    const changed = /CurrentVersion/.test(id) && !id.startsWith('Job')
    if (!before.has(id) && !changed) counts[Type] = (counts[Type] ?? 0) + 1
  }
  return counts
}

test('a second declaration brings its schedule, function, role, alarms and routes, with no other edit', () => {
  expect(added()).toEqual({
    'AWS::IAM::Role': 2,
    'AWS::IAM::Policy': 2,
    'AWS::Logs::LogGroup': 1,
    'AWS::Lambda::Function': 1,
    'AWS::Lambda::Version': 1,
    'AWS::Lambda::Alias': 1,
    'AWS::Lambda::EventInvokeConfig': 1,
    'AWS::Lambda::Permission': 1,
    'AWS::Scheduler::Schedule': 1,
    'AWS::Events::Rule': 1,
    'AWS::ApiGatewayV2::Route': 2,
    'AWS::CloudWatch::Alarm': 2,
  })
})

test('the first job stays as it was', () => {
  const before = one.resources.filter(({ id }) => id.startsWith('Jobglobalmarket'))

  expect(before).not.toEqual([])
  for (const resource of before) expect(two.resources).toContainEqual(resource)
})

test('the second one has its function, its schedule, its alarms, its row and its route', () => {
  const names = two.ofType('AWS::CloudWatch::Alarm').map(({ properties }) => nameInStage(properties))
  const inputs = two.ofType('AWS::Scheduler::Schedule').map(({ properties }) => properties.Target.Input)
  const keys = two.ofType('AWS::ApiGatewayV2::Route').map(({ properties }) => properties.RouteKey)

  expect(two.functions('job-tiny')).toHaveLength(1)
  expect(inputs).toContain('{"job":"tiny","tick":"<aws.scheduler.scheduled-time>"}')
  expect(names).toEqual(expect.arrayContaining(['test-p2-overdue', 'test-p2-failing']))
  expect(keys).toEqual(expect.arrayContaining(['GET /v1/tiny', 'HEAD /v1/tiny', 'GET /v1/live/{proxy+}']))
  expect(JSON.stringify(two.ofType('AWS::CloudWatch::Dashboard'))).toContain(
    'Overdue jobs of lower priorities',
  )
})
