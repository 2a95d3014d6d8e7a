import validate from 'asl-validator'
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag'
import { describe, expect, test } from 'vitest'
import { checkTemplate } from '#infra/checks/template.ts'
import { acknowledgementsOf } from '#infra/constructs/acknowledgements.ts'
import { taskStateMachine } from '#infra/definitions/task-state-machine.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { routeTable } from '#shared/http/routes.ts'
import { flattenIntrinsics, nameInStage, synthesize, testStage } from '#test/support/infra/synthesis.ts'
import { tinyJob, tinyTaskJob } from '#test/support/jobs/test-jobs.ts'

const paced = tinyTaskJob({
  id: 'toy-snapshot',
  stored: 'snapshot',
  run: { mode: 'task', deadline: '2 hours', concurrency: 4, pace: '3 seconds' },
})
const toys = [tinyTaskJob(), paced]
const { app, stack, template, ofType, functions } = synthesize({
  jobs: [tinyJob(), ...toys],
  validates: true,
})
const machines = ofType('AWS::StepFunctions::StateMachine')
const resolved = toys.map((job) => resolveJob(job, {}))

/** What a policy whose id begins so allows, as `action resource`. */
function allowed(start: string): string[] {
  const statements = ofType('AWS::IAM::Policy')
    .filter(({ id }) => id.startsWith(start))
    .flatMap(({ properties }) => properties.PolicyDocument.Statement)
  return statements.flatMap(({ Action, Resource, Condition }) => {
    const where = Condition ? Condition['ForAllValues:StringLike']['dynamodb:LeadingKeys'] : Resource
    return [Action]
      .flat()
      .flatMap((action) => [where].flat().map((one) => `${action} ${flattenIntrinsics(one)}`))
  })
}

describe('the state machine of a task job', () => {
  test('is the one that the pure function makes, which the local run takes too', () => {
    expect(machines).toHaveLength(2)
    for (const [index, { properties }] of machines.entries()) {
      const text = flattenIntrinsics(properties.DefinitionString)
      const [, functionArn = ''] = /"FunctionName":"(<\w+>)"/.exec(text) ?? []
      const partition = '<AWS::Partition>'

      expect(JSON.parse(text)).toEqual(taskStateMachine(resolved[index] as never, { partition, functionArn }))
      expect(functionArn).toMatch(/^<Jobtoy.*Aliaslive/)
    }
  })

  test('is right in every state, path and ARN', async () => {
    for (const { properties } of machines) {
      const text = flattenIntrinsics(properties.DefinitionString)
        .replaceAll('<AWS::Partition>', 'aws')
        .replaceAll(/<\w+>/g, 'arn:aws:lambda:eu-central-1:000000000000:function:toy:live')

      const { isValid, errors } = await validate(JSON.parse(text))

      expect(errors).toEqual([])
      expect(isValid).toBe(true)
    }
  })

  test('is a standard one of a derived name that logs failures and no data, in a log that expires', () => {
    expect(machines.map(({ properties }) => properties.StateMachineName)).toEqual([
      'Freshet-test-toy-items',
      'Freshet-test-toy-snapshot',
    ])
    for (const { properties } of machines) {
      expect(properties).toMatchObject({
        StateMachineType: 'STANDARD',
        LoggingConfiguration: { Level: 'ERROR', IncludeExecutionData: false },
      })
    }
    const logs = ofType('AWS::Logs::LogGroup').filter(({ id }) => id.includes('MachineLog'))
    expect(logs.map(({ properties }) => [properties.LogGroupName, properties.RetentionInDays])).toEqual([
      ['/aws/vendedlogs/states/Freshet-test-toy-items', 14],
      ['/aws/vendedlogs/states/Freshet-test-toy-snapshot', 14],
    ])
  })

  test('may invoke the alias of its job and deliver its log, and nothing else', () => {
    const policy = allowed('JobtoyitemsMachine')

    expect(policy.filter((one) => !one.startsWith('logs:'))).toEqual([
      expect.stringMatching(/^lambda:InvokeFunction <JobtoyitemsLiveFunctionAliaslive\w+>$/),
    ])
  })

  test('passes the checks of a template', () => {
    expect(
      checkTemplate(template, routeTable([tinyJob(), ...toys].map((job) => resolveJob(job, {})))),
    ).toEqual([])
  })
})

describe('the function of a task job', () => {
  test('has the time of a step, however long its task may take', () => {
    expect(functions('job-toy-items')[0]?.properties.Timeout).toBe(300)
    expect(functions('job-toy-snapshot')[0]?.properties.Timeout).toBe(300)
  })

  test('keeps what its steps leave for each other, and nothing of other jobs’ tasks', () => {
    const policy = allowed('JobtoyitemsLive')

    expect(policy.filter((one) => one.includes('#tasks#'))).toEqual([
      'dynamodb:GetItem job#toy-items#tasks#*',
      'dynamodb:PutItem job#toy-items#tasks#*',
    ])
    expect(allowed('JobtinyLive').filter((one) => one.includes('#tasks#'))).toEqual([])
  })

  const waysTo = (name: string) =>
    [
      ...ofType('AWS::Scheduler::Schedule'),
      ...ofType('AWS::Events::Rule'),
      ...ofType('AWS::Lambda::EventInvokeConfig'),
      ...ofType('AWS::Lambda::Permission'),
    ].filter(({ properties }) => JSON.stringify(properties).includes(name))

  test('of a set is called by its machine only: no schedule, no rule and no queue of failures leads to it', () => {
    expect(waysTo('JobtoysnapshotLive')).toEqual([])
  })

  test('of items is called for a run of one key too, which is no task, and never by a schedule', () => {
    const [rule, config, permission, ...others] = waysTo('JobtoyitemsLive')

    expect(rule?.properties.EventPattern.detail).toEqual({ job: ['toy-items'], key: [{ exists: true }] })
    expect(config?.properties.DestinationConfig.OnFailure).toBeDefined()
    expect(permission?.properties.Principal).toBe('events.amazonaws.com')
    expect(others).toEqual([])
  })
})

describe('submitting', () => {
  const [submit] = functions('submit')

  test('has the machines by their jobs', () => {
    const machinesOf = flattenIntrinsics(submit?.properties.Environment.Variables.FRESHET_MACHINES)

    expect(JSON.parse(machinesOf)).toEqual({
      'toy-items': `<${machines[0]?.id}>`,
      'toy-snapshot': `<${machines[1]?.id}>`,
    })
  })

  test('records runs and submissions of task jobs and starts their machines, and no more', () => {
    const policy = allowed('SubmitRole')
    const runs = ['job#toy-items#runs', 'job#toy-snapshot#runs']
    const submissions = ['job#toy-items#submissions', 'job#toy-snapshot#submissions']

    expect(policy.filter((one) => !/^(logs|sqs):/.test(one))).toEqual([
      ...[...runs, ...submissions].map((one) => `dynamodb:GetItem ${one}`),
      ...[...runs, ...submissions].map((one) => `dynamodb:PutItem ${one}`),
      ...runs.map((one) => `dynamodb:UpdateItem ${one}`),
      'dynamodb:PutItem audit#*',
      ...machines.map(({ id }) => `states:StartExecution <${id}>`),
    ])
  })

  test('takes the ticks of task jobs, and their requests on the bus', () => {
    const alias = { Ref: expect.stringMatching(/^SubmitFunctionAliaslive/) }
    const schedules = ofType('AWS::Scheduler::Schedule').filter(({ id }) => id.startsWith('Jobtoy'))
    const rules = ofType('AWS::Events::Rule').filter(({ id }) => id.startsWith('Submit'))

    expect(schedules.map(({ properties }) => [properties.Target.Arn, properties.Target.Input])).toEqual([
      [alias, '{"job":"toy-items","tick":"<aws.scheduler.scheduled-time>"}'],
      [alias, '{"job":"toy-snapshot","tick":"<aws.scheduler.scheduled-time>"}'],
    ])
    expect(
      rules.map(({ properties }) => [properties.Targets[0].Arn, properties.EventPattern.detail]),
    ).toEqual([[alias, { job: ['toy-items', 'toy-snapshot'], key: [{ exists: false }] }]])
  })

  test('that is lost is retried within the hour, and then sent to a queue', () => {
    const [handling] = ofType('AWS::Lambda::EventInvokeConfig').filter(({ id }) => id.startsWith('Submit'))

    expect(handling?.properties).toMatchObject({
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 3_600,
      DestinationConfig: {
        OnFailure: { Destination: { 'Fn::GetAtt': [expect.stringMatching(/^FailedRuns/), 'Arn'] } },
      },
    })
  })

  test('is there only where a task job runs', () => {
    const none = synthesize({ jobs: [tinyJob()] })
    const off = synthesize({
      jobs: [tinyTaskJob({ off: () => 'not wanted' })],
      config: testStage(),
    })

    for (const { functions: named, ofType: typed } of [none, off]) {
      expect(named('submit')).toEqual([])
      expect(typed('AWS::StepFunctions::StateMachine')).toEqual([])
    }
  })
})

describe('watching tasks', () => {
  test('takes one alarm for each way to fail, however many task jobs there are, and none without one', () => {
    const names = (stack: ReturnType<typeof synthesize>) =>
      stack
        .ofType('AWS::CloudWatch::Alarm')
        .map(({ properties }) => nameInStage(properties))
        .filter((name) => name.endsWith('-tasks'))

    expect(names(synthesize({ jobs: toys }))).toEqual(['test-failed-tasks', 'test-timed-out-tasks'])
    expect(names(synthesize({ jobs: [tinyJob()] }))).toEqual([])
    expect(names(synthesize({ jobs: [tinyJob(), tinyTaskJob({ off: () => 'not wanted' })] }))).toEqual([])
  })

  test('shows the executions of every machine in a row of the system dashboard', () => {
    const [board] = ofType('AWS::CloudWatch::Dashboard')
      .map(({ properties }) => flattenIntrinsics(properties.DashboardBody))
      .filter((body) => body.includes('Dead letters'))

    for (const metric of ['ExecutionsStarted', 'ExecutionsFailed', 'ExecutionsTimedOut'])
      for (const { id } of machines)
        expect(board).toContain(`"AWS/States","${metric}","StateMachineArn","<${id}>"`)
  })
})

describe('the rule packs', () => {
  test.each([
    ['AwsSolutions', AwsSolutionsChecks],
    ['Serverless', ServerlessChecks],
  ])('%s has no finding', (_, Pack) => {
    expect(new Pack(app).validateScope(app).violations).toEqual([])
  })

  test('get the reason of a failure, for a machine and its function', () => {
    const table = acknowledgementsOf(stack)
      .filter(({ where }) => where.startsWith('Job-toy-items') || where.startsWith('Submit'))
      .map(({ where, id, reason }) => `${where} | ${id} | ${reason}`)

    expect(table).toMatchInlineSnapshot(`
      [
        "Job-toy-items/Live/Function | Serverless-LambdaDLQ | failed asynchronous invocations go to the on-failure destination of the alias",
        "Job-toy-items/Live/Function | Serverless-LambdaTracing | off: a run is one log line under one id, traces cost money per call, and their permission cannot be limited to a resource",
        "Job-toy-items/Machine | AwsSolutions-SF1 | failures only: every task has a record and a log line of its outcome",
        "Job-toy-items/Machine | AwsSolutions-SF2 | off: a task is one record and one log line under one id, and traces cost money per call",
        "Job-toy-items/Machine | Serverless-StepFunctionStateMachineXray | off: a task is one record and one log line under one id, and traces cost money per call",
        "Job-toy-items/MachineRole | AwsSolutions-IAM5[Resource::*] | log delivery cannot be limited to a resource, nor can traces",
        "Submit/Function | Serverless-LambdaDLQ | failed asynchronous invocations go to the on-failure destination of the alias",
        "Submit/Function | Serverless-LambdaTracing | off: a run is one log line under one id, traces cost money per call, and their permission cannot be limited to a resource",
      ]
    `)
  })
})
