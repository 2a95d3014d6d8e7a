import { describe, expect, test } from 'vitest'
import { job as globalMarket } from '#functions/jobs/global-market/job.ts'
import { flattenIntrinsics, nameInStage, type Resource, synthesize } from '#test/support/infra/synthesis.ts'
import { tinyJob } from '#test/support/jobs/test-jobs.ts'
import { bundledFunction } from '#test/support/process/bundled-function.ts'

const { ofType, functions } = synthesize({ jobs: [globalMarket, tinyJob()] })

/** What an asynchronous edge states of itself. */
interface Stated {
  readonly retries: number
  readonly ageS: number
  /** Where it leaves what it gave up: the queue's resource. */
  readonly queue: string | undefined
}

const resourceOf = (attribute?: { 'Fn::GetAtt'?: string[] }) => attribute?.['Fn::GetAtt']?.[0]

function delivery({ RetryPolicy, DeadLetterConfig }: Resource['properties']): Stated {
  const { MaximumRetryAttempts: retries, MaximumEventAgeInSeconds: ageS } = RetryPolicy
  return { retries, ageS, queue: resourceOf(DeadLetterConfig?.Arn) }
}

const deliveries = [
  ...ofType('AWS::Scheduler::Schedule').map(({ properties }) => delivery(properties.Target)),
  ...ofType('AWS::Events::Rule').flatMap(({ properties }) => properties.Targets.map(delivery) as Stated[]),
]

const invocations = ofType('AWS::Lambda::EventInvokeConfig').map(({ properties }): Stated => {
  const { MaximumRetryAttempts: retries, MaximumEventAgeInSeconds: ageS, DestinationConfig } = properties
  return { retries, ageS, queue: resourceOf(DestinationConfig.OnFailure.Destination) }
})

/** The queue whose depth an alarm looks at, with whom it calls. */
function alarmOf(name: string) {
  const [alarm] = ofType('AWS::CloudWatch::Alarm').filter(
    ({ properties }) => nameInStage(properties) === name,
  )
  const { Dimensions, Threshold, AlarmActions } = alarm?.properties ?? {}
  return { queue: resourceOf(Dimensions?.[0].Value), threshold: Threshold, calls: AlarmActions }
}

const TOPIC = [{ Ref: expect.stringMatching(/^Alarms/) }]

test('an event that cannot be handled is retried a few times within a day, and then stored in a queue (F28)', () => {
  expect([deliveries.length, invocations.length]).toEqual([5, 3])
  for (const { retries, ageS, queue } of [...deliveries, ...invocations]) {
    expect(retries).toBeLessThanOrEqual(2)
    expect(ageS).toBeLessThanOrEqual(86_400)
    expect(queue).toBeDefined()
  }
  for (const { retries } of invocations) expect(retries).toBe(0)
})

test('an event that the scheduler or the bus cannot deliver is stored in a queue with an alarm (F30)', () => {
  const { queue, threshold, calls } = alarmOf('test-undelivered')
  const roles = ofType('AWS::Scheduler::Schedule').map(({ properties }) => properties.Target.RoleArn)
  const policies = ofType('AWS::IAM::Policy')

  expect([threshold, calls]).toEqual([1, TOPIC])
  for (const edge of deliveries) expect(edge.queue).toBe(queue)
  for (const role of roles) {
    const [policy] = policies.filter(({ properties }) => properties.Roles[0].Ref === resourceOf(role))
    expect(policy?.properties.PolicyDocument.Statement).toContainEqual({
      Effect: 'Allow',
      Action: 'sqs:SendMessage',
      Resource: { 'Fn::GetAtt': [queue, 'Arn'] },
    })
  }
})

describe('a function that throws while it is loaded', () => {
  test('leaves its events in the queue of failed runs, which has an alarm (F31)', () => {
    const { queue, threshold, calls } = alarmOf('test-failed-runs')

    expect([threshold, calls]).toEqual([1, TOPIC])
    for (const edge of invocations) expect(edge.queue).toBe(queue)
    expect(queue).not.toBe(alarmOf('test-undelivered').queue)
  })

  test('is in no other function (F31)', () => {
    const names = ['job-global-market', 'job-tiny', 'watchdog', 'reads', 'operations']

    const matching = names.map((name) => functions(name))

    for (const ones of matching) expect(ones).toHaveLength(1)
    expect(ofType('AWS::Lambda::Function')).toHaveLength(names.length)
    const targets = ofType('AWS::Scheduler::Schedule').map(({ properties }) =>
      flattenIntrinsics(properties.Target.Arn),
    )
    expect(new Set(targets).size).toBe(targets.length)
  })

  test('fails its own invocations on one machine, while the others answer (F31)', async () => {
    const broken = await bundledFunction("throw new Error('no configuration')", { name: 'job-broken' })
    const sound = await bundledFunction('exports.handler = async ({ tick }) => tick', { name: 'job-sound' })

    const [first, second, third] = await Promise.allSettled([
      broken.invoke({ tick: 1 }),
      sound.invoke({ tick: 2 }),
      broken.invoke({ tick: 3 }),
    ])

    expect([first.status, third.status]).toEqual(['rejected', 'rejected'])
    expect(second).toEqual({ status: 'fulfilled', value: 2 })
  })
})
