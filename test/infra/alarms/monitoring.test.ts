import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { jobs as declared } from '#functions/jobs/declared.ts'
import { job as globalMarket } from '#functions/jobs/global-market/job.ts'
import { emitMetrics } from '#functions/watchdog/metrics.ts'
import type { WatchResult } from '#functions/watchdog/watch.ts'
import { type AlarmSpec, HIT_RATIO_EXPRESSION } from '#infra/alarms/alarm-spec.ts'
import { alarmsOf, jobAlarms } from '#infra/alarms/alarms.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { every } from '#shared/declare/schedule.ts'
import { flattenIntrinsics, nameInStage, synthesize, testStage } from '#test/support/infra/synthesis.ts'
import { tinyJob } from '#test/support/jobs/test-jobs.ts'

const jobs = [globalMarket, tinyJob()]
const { ofType } = synthesize({ jobs, config: testStage({ alarmEmail: 'alarms@example.org' }) })
const specs = alarmsOf(
  'test',
  jobs.map((job) => resolveJob(job, {})),
)
const alarms = new Map(
  ofType('AWS::CloudWatch::Alarm').map(({ properties }) => [nameInStage(properties), properties]),
)

function dimensionsOf(spec: AlarmSpec): Record<string, string> {
  return 'dimensions' in spec.series ? { ...spec.series.dimensions } : {}
}

describe('the alarms', () => {
  test('are two for each job of P0 that runs, two for each lower priority, and one for each other condition', () => {
    expect([...alarms.keys()].sort()).toEqual([
      'test-abandoned-runs',
      'test-api-errors',
      'test-api-slow',
      'test-failed-runs',
      'test-failed-runs-expiring',
      'test-freshness',
      'test-global-market-failing',
      'test-global-market-overdue',
      'test-hit-ratio',
      'test-key-refused',
      'test-many-keys-failed',
      'test-memory-fallback',
      'test-missed-ticks',
      'test-p2-failing',
      'test-p2-overdue',
      'test-retries',
      'test-slow-runs',
      'test-slow-upstream',
      'test-success-ratio',
      'test-throttled',
      'test-undelivered',
      'test-undelivered-expiring',
      'test-upstream-cooling',
      'test-watchdog-errors',
    ])
  })

  test('are in the template as they are derived', () => {
    expect(specs).toHaveLength(alarms.size)
    for (const spec of specs) {
      expect(alarms.get(spec.name)).toMatchObject({
        ...('metric' in spec.series ? { MetricName: spec.series.metric, Period: spec.periodMs / 1_000 } : {}),
        Threshold: spec.threshold,
        EvaluationPeriods: spec.periods,
        ComparisonOperator:
          spec.comparison === 'below' ? 'LessThanThreshold' : 'GreaterThanOrEqualToThreshold',
        TreatMissingData: spec.missingData === 'notifying' ? 'missing' : 'notBreaching',
        AlarmDescription: `${spec.about}. Runbook: docs/operate.md#${spec.kind}`,
      })
    }
  })

  test('know the hit ratio from two series of the reads, over an hour', () => {
    const { Metrics, Threshold } = alarms.get('test-hit-ratio')
    const series = (Id: string, MetricName: string) => ({
      Id,
      ReturnData: false,
      MetricStat: {
        Metric: { MetricName, Namespace: 'Freshet', Dimensions: [{ Name: 'service', Value: 'test' }] },
        Period: 3_600,
        Stat: 'Sum',
      },
    })

    expect(Threshold).toBe(95)
    expect(Metrics).toEqual([
      expect.objectContaining({ Expression: HIT_RATIO_EXPRESSION }),
      series('reads', 'Reads'),
      series('hits', 'Hits'),
    ])
  })

  test('all call the same people, when they begin and when they are over', () => {
    const topic = { Ref: expect.stringMatching(/^Alarms/) }

    for (const alarm of alarms.values()) {
      expect(alarm.AlarmActions).toEqual([topic])
      expect(alarm.OKActions).toEqual([topic])
    }
  })

  test('notify when the series of overdue data end, and of no other, and are quiet before their first data', () => {
    const notifying = [...alarms].filter(([, alarm]) => alarm.InsufficientDataActions !== undefined)

    expect(notifying.map(([name]) => name).sort()).toEqual(['test-global-market-overdue', 'test-p2-overdue'])
    for (const [, alarm] of notifying) {
      expect(alarm.InsufficientDataActions).toEqual(alarm.AlarmActions)
      expect(alarm.TreatMissingData).toBe('missing')
    }
    expect([...alarms.values()].filter(({ TreatMissingData }) => TreatMissingData === 'breaching')).toEqual(
      [],
    )
  })

  test('raise overdue data at the declared time, by default after two intervals', () => {
    expect(alarms.get('test-global-market-overdue')).toMatchObject({ Threshold: 45 * 60, Period: 300 })
    const tiny = resolveJob({ ...tinyJob(), spec: { ...tinyJob().spec, priority: 'P0' } }, {})
    expect(jobAlarms('test', tiny)[0]).toMatchObject({ threshold: 2 * 3_600, periodMs: 300_000 })
    expect(alarms.get('test-p2-overdue')).toMatchObject({ Threshold: 1, Period: 300 })
  })

  test('watch the queue, the API and the function of their name', () => {
    const widgetsOf = (name: string) =>
      Object.fromEntries(
        alarms
          .get(name)
          .Dimensions.map(({ Name, Value }: { Name: string; Value: unknown }) => [
            Name,
            flattenIntrinsics(Value),
          ]),
      )

    expect(widgetsOf('test-undelivered')).toEqual({
      QueueName: expect.stringMatching(/^<Undelivered\w+.QueueName>$/),
    })
    expect(widgetsOf('test-failed-runs')).toEqual({
      QueueName: expect.stringMatching(/^<FailedRuns\w+.QueueName>$/),
    })
    expect(widgetsOf('test-watchdog-errors')).toEqual({
      FunctionName: expect.stringMatching(/^<WatchdogFunction/),
    })
    expect(widgetsOf('test-api-slow')).toEqual({
      ApiId: expect.stringMatching(/^<ReadingApi/),
      Stage: '$default',
    })
    expect(alarms.get('test-api-slow').ExtendedStatistic).toBe('p99')
  })
})

describe('what the watchdog emits', () => {
  const lines: string[] = []
  beforeEach(() => {
    vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false')
    lines.length = 0
    vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
      lines.push(String(line))
      return true
    })
  })

  /** Every series in the lines: namespace, name, dimensions with their values. */
  function emitted() {
    return lines.flatMap((line) => {
      const { _aws, ...values } = JSON.parse(line)
      return _aws.CloudWatchMetrics.flatMap(
        (block: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }) =>
          block.Dimensions.flatMap((names) =>
            block.Metrics.map(({ Name }) => ({
              namespace: block.Namespace,
              metric: Name,
              dimensions: Object.fromEntries(names.map((name) => [name, values[name]])),
              value: values[Name],
            })),
          ),
      )
    })
  }

  const byName = (one: object, other: object) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)

  const common = { missedTicks: 1, abandonedRuns: 2 }
  const watched: readonly WatchResult[] = [
    {
      ...common,
      job: 'global-market',
      priority: 'P0',
      overdueSeconds: 60,
      consecutiveFailures: 0,
      conditions: ['freshness'],
    },
    {
      ...common,
      job: 'tiny',
      priority: 'P2',
      overdueSeconds: 61,
      consecutiveFailures: 1,
      conditions: ['overdue', 'freshness', 'retries'],
    },
  ]

  test('is exactly what our alarms watch: namespace, name and dimensions', () => {
    // those are of the reads function and of the access log
    const others = ['memory-fallback', 'throttled']
    const ours = specs.filter(({ series, kind }) => series.kind === 'freshet' && !others.includes(kind))

    emitMetrics('test', watched)

    const series = emitted().map(({ value: _, ...rest }) => rest)
    expect(series).toHaveLength(14)
    expect(series.toSorted(byName)).toEqual(
      ours
        .map((spec) => ({
          namespace: 'Freshet',
          metric: 'metric' in spec.series ? spec.series.metric : '',
          dimensions: dimensionsOf(spec),
        }))
        .toSorted(byName),
    )
  })

  test('carries the figures of each job of P0, and how many are in each condition', () => {
    emitMetrics('test', watched)

    const values = emitted().map(({ metric, dimensions, value }) => [
      metric,
      dimensions['job'] ?? 'all',
      value,
    ])
    expect(values).toEqual([
      ['OverdueSeconds', 'global-market', 60],
      ['ConsecutiveFailures', 'global-market', 0],
      ['OverdueJobsP2', 'all', 1],
      ['FailingJobsP2', 'all', 0],
      ['JobsMissingTicks', 'all', 0],
      ['JobsAbandoningRuns', 'all', 0],
      ['JobsWithLowSuccess', 'all', 0],
      ['JobsRetryingOften', 'all', 1],
      ['JobsWithSlowRuns', 'all', 0],
      ['JobsWithSlowUpstream', 'all', 0],
      ['JobsWithFailedKeys', 'all', 0],
      ['JobsWithLowFreshness', 'all', 2],
      ['JobsWithRefusedKey', 'all', 0],
      ['JobsInCoolDown', 'all', 0],
    ])
  })

  test('is in the template under the same dimensions', () => {
    const overdue = alarms.get('test-global-market-overdue')

    emitMetrics('test', watched)

    const dimensions = Object.fromEntries(
      overdue.Dimensions.map(({ Name, Value }: { Name: string; Value: string }) => [Name, Value]),
    )
    expect(emitted()).toContainEqual({
      namespace: overdue.Namespace,
      metric: overdue.MetricName,
      dimensions,
      value: 60,
    })
  })
})

describe('the topic', () => {
  test('is encrypted with a key of ours that CloudWatch may use', () => {
    const [key] = ofType('AWS::KMS::Key')
    const [topic] = ofType('AWS::SNS::Topic')

    expect(flattenIntrinsics(topic?.properties.KmsMasterKeyId)).toBe(`<${key?.id}.Arn>`)
    expect(key?.properties.EnableKeyRotation).toBe(true)
    expect(key?.properties.KeyPolicy.Statement).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      }),
    )
  })

  test('lets CloudWatch publish, because our policy replaces the default one, and demands TLS', () => {
    const [policy] = ofType('AWS::SNS::TopicPolicy')

    const { Statement } = policy?.properties.PolicyDocument ?? {}

    expect(Statement).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: 'sns:Publish',
        Condition: {
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
          ArnLike: { 'aws:SourceArn': expect.anything() },
        },
      }),
    )
    expect(Statement).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    )
  })

  test('mails the address of the stage alone', () => {
    const [subscription] = ofType('AWS::SNS::Subscription')

    expect(subscription?.properties).toMatchObject({ Protocol: 'email', Endpoint: 'alarms@example.org' })
    expect(synthesize().ofType('AWS::SNS::Subscription')).toEqual([])
  })
})

test('the failure queues keep their messages for fourteen days, encrypted, over TLS only', () => {
  const queues = ofType('AWS::SQS::Queue')
  const policies = ofType('AWS::SQS::QueuePolicy')

  expect(queues).toHaveLength(2)
  expect(policies).toHaveLength(2)
  for (const { properties } of queues) {
    expect(properties).toMatchObject({ MessageRetentionPeriod: 14 * 86_400, SqsManagedSseEnabled: true })
    expect(properties).not.toHaveProperty('KmsMasterKeyId')
  }
  for (const { properties } of policies) {
    expect(properties.PolicyDocument.Statement[0]).toMatchObject({
      Effect: 'Deny',
      Action: 'sqs:*',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    })
  }
})

describe('the watchdog', () => {
  test('runs every minute, at the minute, and a late invocation is dropped', () => {
    const [schedule] = ofType('AWS::Scheduler::Schedule').filter(({ id }) => id.startsWith('Watchdog'))

    expect(schedule?.properties).toMatchObject({
      ScheduleExpression: every('1 minute').expression,
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 2 } },
    })
  })

  test('sends a failed invocation to the queue of failed runs, without a retry', () => {
    const [handling] = ofType('AWS::Lambda::EventInvokeConfig').filter(({ id }) => id.startsWith('Watchdog'))

    expect(handling?.properties).toMatchObject({
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
      Qualifier: { 'Fn::Select': [7, { 'Fn::Split': [':', { Ref: expect.stringMatching(/Aliaslive/) }] }] },
      DestinationConfig: {
        OnFailure: { Destination: { 'Fn::GetAtt': [expect.stringMatching(/^FailedRuns/), 'Arn'] } },
      },
    })
  })
})

describe('the dashboards', () => {
  const boards = new Map(
    ofType('AWS::CloudWatch::Dashboard').map(({ properties }) => [
      nameInStage(properties),
      flattenIntrinsics(properties.DashboardBody),
    ]),
  )
  const titles = (name: string) =>
    [...(boards.get(name) ?? '').matchAll(/"title":"([^"]*)"/g)].map((match) => match[1])

  test('of readers shows what they experience, with the age of each job’s data', () => {
    expect([...boards.keys()].sort()).toEqual(['test-readers', 'test-system'])
    expect(titles('test-readers')).toEqual([
      'Requests',
      'Hit ratio',
      'Latency',
      'Errors',
      'Values from memory, because the table failed',
      'Jobs fresh for less than promised',
      'global-market: overdue',
      'Overdue jobs of lower priorities',
    ])
  })

  test('of the system shows conditions and runs, with each job in it', () => {
    expect(titles('test-system')).toEqual([
      'Jobs in a condition',
      'Dead letters',
      'Dead letters: age of the oldest',
      'Watchdog: errors',
      'Stored records that cannot be decoded',
      'Failures in a row, failing jobs of lower priorities',
      'Duration of invocations',
      'Failed invocations',
      'Outcomes of runs',
      'Upstreams',
    ])
    const text = boards.get('test-system') ?? ''
    for (const job of ['global-market', 'tiny'])
      expect(text.match(new RegExp(`"label":"${job}"`, 'g'))).toHaveLength(2)
  })

  test('show together every series that an alarm measures', () => {
    const text = [...boards.values()].join()

    for (const { series } of specs) {
      if (series.kind === 'hit-ratio') expect(text).toContain(HIT_RATIO_EXPRESSION)
      else expect(text).toContain(`"${series.metric}"`)
    }
  })

  test('query the log line of each run of the jobs', () => {
    const text = boards.get('test-system') ?? ''

    expect(text.match(/SOURCE '<Jobglobalmarket\w*Log\w*>' \| SOURCE '<Jobtiny\w*Log\w*>'/g)).toHaveLength(2)
    for (const field of ['outcome', 'reason', 'duration_ms', 'run_id', 'attempts', 'retries', 'upstream'])
      expect(text).toContain(field)
  })

  test('of a stage in which every job is off have no table of runs', () => {
    const config = testStage({ settings: { GLOBAL_STATS_ENABLED: 'false' } })
    const bodies = synthesize({ config })
      .ofType('AWS::CloudWatch::Dashboard')
      .map(({ properties }) => flattenIntrinsics(properties.DashboardBody))

    expect(bodies).toHaveLength(2)
    expect(bodies.join()).not.toContain('Outcomes of runs')
  })
})

describe('the runbook', () => {
  const text = readFileSync(join(resolve('docs'), 'operate.md'), 'utf8')
  const entries = [...text.matchAll(/^### (.+)$/gm)].map(([, title = '']) => title)
  const deployed = synthesize({ jobs: declared }).ofType('AWS::CloudWatch::Alarm')
  const linked = deployed.map(
    ({ properties }) =>
      /Runbook: docs\/operate\.md#(\S+)$/.exec(properties.AlarmDescription)?.[1] ?? 'nothing',
  )

  test('has an entry for every alarm of the template, and an alarm for every entry', () => {
    expect([...new Set(linked)].sort()).toEqual(entries.toSorted())
  })

  test('lists every alarm of the template under its own name', () => {
    const listed = [...text.matchAll(/^\| \[`([^`]+)`\]\(#(.+?)\)/gm)].map(
      ([, name, kind]) => `${name} ${kind}`,
    )

    const names = deployed.map(
      ({ properties }, index) => `${nameInStage(properties).replace(/^test-/, '<stage>-')} ${linked[index]}`,
    )

    expect(listed.toSorted()).toEqual(names.toSorted())
  })

  test('gives in every entry the meaning, the diagnosis and the actions', () => {
    for (const entry of text.split(/^### /m).slice(1))
      expect(entry).toMatch(/^.+\n\n\S[^\n]+\n\nDiagnosis:\n\n1\. \S[\s\S]+\n\nActions:\n\n- \S/)
  })
})
