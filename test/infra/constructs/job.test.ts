import { describe, expect, test } from 'vitest'
import { cron, daily, every } from '#shared/declare/schedule.ts'
import { type Resource, synthesize, testStage } from '#test/support/infra/synthesis.ts'
import { tinyJob } from '#test/support/jobs/test-jobs.ts'

const { ofType, functions, template } = synthesize()

/** The edges of a job that is declared with these changes. */
function deliveryResources(changes: Parameters<typeof tinyJob>[0]) {
  const { ofType: typed, functions: named } = synthesize({ jobs: [tinyJob(changes)] })
  return {
    schedule: ofJob(typed('AWS::Scheduler::Schedule')),
    handling: ofJob(typed('AWS::Lambda::EventInvokeConfig')),
    refresh: only(named('job-tiny')),
  }
}

function ofJob(resources: Resource[]) {
  return only(resources.filter(({ id }) => id.startsWith('Job')))
}

function only(resources: Resource[]) {
  expect(resources).toHaveLength(1)
  return resources[0]?.properties
}

describe('the function of a job', () => {
  test('has room for the run, its start and its record', () => {
    const refresh = only(functions('job-global-market'))

    expect(refresh).toMatchObject({ MemorySize: 512, Timeout: 90 + 15 })
  })

  test('never exceeds the limits of Lambda', () => {
    const { refresh } = deliveryResources({ run: { mode: 'plain', deadline: '888 seconds' } })

    expect(refresh.Timeout).toBe(900)
  })

  test('has names and nothing else, where the stage changes no setting', () => {
    const { Variables } = only(functions('job-global-market')).Environment

    expect(Variables).toEqual({
      FRESHET_TABLE: { Ref: expect.stringMatching(/^Table/) },
      FRESHET_BUS: { Ref: expect.stringMatching(/^Bus/) },
      FRESHET_STAGE: 'test',
      FRESHET_VERSION: '1.2.3',
      NODE_OPTIONS: '--enable-source-maps',
    })
  })

  test('has the settings that the stage changes, and the contact', () => {
    const config = testStage({
      contact: 'mailto:ops@example.org',
      settings: { GLOBAL_STATS_CACHE_TTL: '1200', GLOBAL_STATS_MAX_RETRIES: '3', COINGECKO_PLAN: 'keyless' },
    })

    const { functions: named } = synthesize({ config })

    const { Variables } = only(named('job-global-market')).Environment
    expect(Variables).toMatchObject({
      GLOBAL_STATS_CACHE_TTL: '1200',
      FRESHET_CONTACT: 'mailto:ops@example.org',
    })
    expect(Object.keys(Variables)).not.toContain('GLOBAL_STATS_MAX_RETRIES')
    expect(only(named('reads')).Environment.Variables.GLOBAL_STATS_CACHE_TTL).toBe('1200')
    expect(only(named('watchdog')).Environment.Variables.GLOBAL_STATS_CACHE_TTL).toBe('1200')
  })
})

describe('the schedule of a job', () => {
  const schedule = ofJob(ofType('AWS::Scheduler::Schedule'))

  test('ticks as declared, spread over the declared window', () => {
    expect(schedule).toMatchObject({
      ScheduleExpression: 'cron(3/10 * * * ? *)',
      ScheduleExpressionTimezone: 'UTC',
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 1 },
      State: 'ENABLED',
    })
  })

  test('gives its function the job and the scheduled time, never the id of the attempt', () => {
    expect(schedule.Target.Input).toBe('{"job":"global-market","tick":"<aws.scheduler.scheduled-time>"}')
  })

  test('gives a tick up when the next one is due, after two retries, into the queue of what was not delivered', () => {
    expect(schedule.Target).toMatchObject({
      RetryPolicy: { MaximumEventAgeInSeconds: 600, MaximumRetryAttempts: 2 },
      DeadLetterConfig: { Arn: { 'Fn::GetAtt': [expect.stringMatching(/^Undelivered/), 'Arn'] } },
    })
  })

  test('targets the alias, by a role that may invoke nothing else', () => {
    const role = schedule.Target.RoleArn['Fn::GetAtt'][0]
    const policies = ofType('AWS::IAM::Policy').filter(({ properties }) => properties.Roles[0].Ref === role)

    const { Statement } = only(policies).PolicyDocument

    expect(schedule.Target.Arn).toEqual({ Ref: expect.stringMatching(/Aliaslive/) })
    expect(Statement).toEqual([
      { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: schedule.Target.Arn },
      { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: schedule.Target.DeadLetterConfig.Arn },
    ])
  })

  test('keeps to its own wall clock', () => {
    const { schedule: local } = deliveryResources({ schedule: daily('09:00', 'America/New_York') })

    expect(local).toMatchObject({
      ScheduleExpression: 'cron(0 9 * * ? *)',
      ScheduleExpressionTimezone: 'America/New_York',
    })
  })
})

describe('asynchronous invocations of a job', () => {
  test('end as the alias configures, because settings of the function do not apply to it', () => {
    const [alias] = ofType('AWS::Lambda::Alias').filter(({ id }) => id.startsWith('Job'))

    const handling = ofJob(ofType('AWS::Lambda::EventInvokeConfig'))

    expect(alias?.properties.Name).toBe('live')
    expect(handling.Qualifier).toEqual({
      'Fn::Select': [7, { 'Fn::Split': [':', { Ref: alias?.id }] }],
    })
    expect(handling.DestinationConfig.OnFailure.Destination).toEqual({
      'Fn::GetAtt': [expect.stringMatching(/^FailedRuns/), 'Arn'],
    })
  })

  test.each([
    ['every ten minutes', every('10 minutes'), 600, 600, 0],
    ['every minute', every('1 minute'), 60, 60, 0],
    ['every hour', every('1 hour'), 3_600, 3_600, 0],
    ['every two hours', every('2 hours'), 7_200, 7_200, 1],
    ['once a day', every('1 day'), 86_400, 21_600, 1],
    ['once a week', cron('0 9 ? * MON *'), 86_400, 21_600, 1],
    ['on a day of 23 hours too', daily('09:00', 'Europe/Berlin'), 82_800, 21_600, 1],
  ])('of a job %s state their age and retries', (_, schedule, delivered, handled, retries) => {
    const resources = deliveryResources({ schedule })

    expect(resources.schedule.Target.RetryPolicy.MaximumEventAgeInSeconds).toBe(delivered)
    expect(resources.handling.MaximumEventAgeInSeconds).toBe(handled)
    expect(resources.handling.MaximumRetryAttempts).toBe(retries)
  })
})

describe('a rule of the bus', () => {
  const rules = ofType('AWS::Events::Rule')

  test('passes on requests for its own job only', () => {
    expect(only(rules)).toMatchObject({
      EventBusName: { Ref: expect.stringMatching(/^Bus/) },
      EventPattern: {
        source: ['freshet'],
        'detail-type': ['refresh.requested'],
        detail: { job: ['global-market'] },
      },
    })
  })

  test('states the age, the retries and the queue of each target', () => {
    const targets = rules.flatMap(({ properties }) => properties.Targets)

    expect(targets).toEqual([
      {
        Id: expect.any(String),
        Arn: { Ref: expect.stringMatching(/Aliaslive/) },
        RetryPolicy: { MaximumEventAgeInSeconds: 300, MaximumRetryAttempts: 2 },
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': [expect.stringMatching(/^Undelivered/), 'Arn'] } },
      },
    ])
  })

  test('may leave what it could not deliver, in one statement however many rules there are', () => {
    const many = Array.from({ length: 22 }, (_, index) => tinyJob({ id: `tiny-${index}` }))

    const { ofType: typed } = synthesize({ jobs: many })

    const [policy] = typed('AWS::SQS::QueuePolicy').filter(({ id }) => id.startsWith('Undelivered'))
    expect(typed('AWS::Events::Rule')).toHaveLength(22)
    expect(policy?.properties.PolicyDocument.Statement).toHaveLength(2)
  })
})

describe('a job that is off', () => {
  const off = synthesize({ config: testStage({ settings: { GLOBAL_STATS_ENABLED: 'false' } }) })

  test('has no function, no schedule, no rule, no alarm and no row on the dashboards', () => {
    const alarmNames = off.ofType('AWS::CloudWatch::Alarm').map(({ properties }) => properties.AlarmName)
    const boards = off.ofType('AWS::CloudWatch::Dashboard')

    expect(off.functions('job-global-market')).toEqual([])
    expect(off.ofType('AWS::Scheduler::Schedule').map(({ id }) => id)).toEqual([
      expect.stringMatching(/^Watchdog/),
    ])
    expect(off.ofType('AWS::Events::Rule')).toEqual([])
    expect(alarmNames).toHaveLength(20)
    expect(alarmNames.join()).not.toContain('global-market')
    expect(boards).toHaveLength(2)
    expect(JSON.stringify(boards)).not.toContain('global-market')
  })

  test('is still read', () => {
    const keys = off.ofType('AWS::ApiGatewayV2::Route').map(({ properties }) => properties.RouteKey)
    const [policy] = off.ofType('AWS::IAM::Policy').filter(({ id }) => id.startsWith('Reads'))

    expect(keys).toContain('GET /api/v1/currencies/global-market-stats')
    expect(JSON.stringify(policy)).toContain('job#global-market#items#*')
  })

  test('is named in an output, so that its silence does not pass for health', () => {
    expect(off.template.Outputs['JobsOff']?.Value).toBe(
      'global-market (GLOBAL_STATS_ENABLED is false): no schedule, no alarm; stored data are still served',
    )
    expect(template.Outputs).not.toHaveProperty('JobsOff')
  })
})
