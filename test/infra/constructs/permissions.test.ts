import { describe, expect, test } from 'vitest'
import { job as globalMarket } from '#functions/jobs/global-market/job.ts'
import { job as retention } from '#functions/jobs/retention/job.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { flattenIntrinsics, synthesize, testStage } from '#test/support/infra/synthesis.ts'
import { tinyJob } from '#test/support/jobs/test-jobs.ts'

interface Statement {
  readonly Effect: string
  readonly Action: string | string[]
  readonly Resource: unknown
  readonly Condition?: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': string | string[] } }
}

const snapshots = tinyJob({ stored: 'snapshot' })
const keyed = testStage({
  settings: { COINGECKO_PLAN: 'demo', COINGECKO_KEY_PARAMETER: '/freshet/coingecko' },
})
const { ofType } = synthesize({ config: keyed, jobs: [globalMarket, snapshots] })
const policies = ofType('AWS::IAM::Policy')

function statements(start: string, among = policies): Statement[] {
  const matching = among
    .filter(({ id }) => id.startsWith(start))
    .flatMap(({ properties }) => properties.PolicyDocument.Statement)
  expect(matching).not.toEqual([])
  return matching
}

function many<T>(value: T | T[]): T[] {
  return Array.isArray(value) ? value : [value]
}

/** Each action with the partitions that it reaches; those of no condition with the resource. */
function reach(start: string, among = policies): Record<string, string[]> {
  const reached: Record<string, string[]> = {}
  for (const { Action, Condition, Resource } of statements(start, among)) {
    const where = Condition
      ? many(Condition['ForAllValues:StringLike']['dynamodb:LeadingKeys'])
      : many(Resource).map((resource) => flattenIntrinsics(resource))
    for (const action of many(Action)) reached[action] = [...(reached[action] ?? []), ...where].sort()
  }
  return reached
}

describe('a job', () => {
  const updated = ['job#global-market#items#*', 'job#global-market#runs', 'public#global-market']
  const written = [...updated, 'job#global-market#rejected', 'upstream#coingecko'].sort()
  const keys = 'job#global-market#keys'

  test('of items may do what its store does, on its own partitions, and only read its control', () => {
    expect(reach('Jobglobalmarket')).toEqual({
      'dynamodb:GetItem': [...written, keys, 'job#global-market#control'].sort(),
      'dynamodb:PutItem': written,
      'dynamodb:UpdateItem': [...updated, keys].sort(),
      'dynamodb:BatchGetItem': ['job#global-market#items#*'],
      'events:PutEvents': [expect.stringMatching(/^<Bus/)],
      'ssm:GetParameter': [
        'arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter/freshet/coingecko',
      ],
      'logs:CreateLogStream': [expect.stringMatching(/^<Jobglobalmarket/)],
      'logs:PutLogEvents': [expect.stringMatching(/^<Jobglobalmarket/)],
      'sqs:SendMessage': [expect.stringMatching(/^<FailedRuns/)],
    })
  })

  test('of a snapshot writes its pages in batches and queries them, on its items only', () => {
    const reached = reach('Jobtiny')

    expect(reached['dynamodb:BatchWriteItem']).toEqual(['job#tiny#items#*'])
    expect(reached['dynamodb:Query']).toEqual(['job#tiny#items#*'])
    expect(reached).not.toHaveProperty('dynamodb:BatchGetItem')
  })

  test('reads no secret where its upstream declares none', () => {
    const keyless = synthesize().ofType('AWS::IAM::Policy')

    expect(JSON.stringify(keyless)).toContain('dynamodb:GetItem')
    expect(JSON.stringify(keyless)).not.toContain('ssm:')
  })

  test('never reaches another job (F51)', () => {
    const partitions = Object.values(reach('Jobtiny')).flat()

    expect(partitions).toContain('job#tiny#items#*')
    expect(partitions.filter((name) => name.includes('global-market'))).toEqual([])
  })
})

describe('histories', () => {
  const rates = tinyJob({ id: 'rates', stored: 'snapshot', history: { rates: '1 day' } })
  const all = synthesize({ jobs: [globalMarket, rates, retention] }).ofType('AWS::IAM::Policy')

  test('are written by their job, which lists their entities, and are not read by it', () => {
    expect(reach('Jobrates', all)).toMatchObject({
      'dynamodb:BatchWriteItem': ['job#rates#entities', 'job#rates#history#*', 'job#rates#items#*'],
      'dynamodb:Query': ['job#rates#entities', 'job#rates#items#*'],
    })
  })

  test('of all jobs are cleared by a job that declares it, which reaches no item, control or run of another job', () => {
    const reached = reach('Jobretention', all)

    expect(reached['dynamodb:BatchWriteItem']).toEqual(['job#rates#history#*'])
    expect(reached['dynamodb:Query']).toEqual(['job#rates#entities', 'job#rates#history#*'])
    expect(reached).not.toHaveProperty('dynamodb:DeleteItem')
    const ofOthers = Object.values(reached)
      .flat()
      .filter((partition) => /#(?:global-market|rates)/.test(partition))
    expect([...new Set(ofOthers)].sort()).toEqual([
      'job#global-market#keys',
      'job#rates#entities',
      'job#rates#history#*',
    ])
  })

  test('are purged by the operators’ function, and only read by the reads', () => {
    const operations = reach('Operations', all)
    const reads = Object.entries(reach('Reads', all))

    expect(operations['dynamodb:BatchWriteItem']).toEqual(['job#rates#history#*'])
    expect(operations['dynamodb:Query']).toEqual(
      expect.arrayContaining(['job#rates#entities', 'job#rates#history#*']),
    )
    expect(
      reads.filter(([, partitions]) => partitions.join().includes('history')).map(([action]) => action),
    ).toEqual(['dynamodb:Query'])
  })
})

test('reads get items and public state, many items at once, publish requests on the bus, and write nothing', () => {
  const readable = [
    'job#global-market#items#*',
    'job#global-market#keys',
    'job#tiny#items#*',
    'public#global-market',
    'public#tiny',
  ]

  expect(reach('Reads')).toEqual({
    'dynamodb:BatchGetItem': ['job#global-market#items#*'],
    'dynamodb:GetItem': readable,
    'dynamodb:Query': ['job#tiny#items#*'],
    'events:PutEvents': [expect.stringMatching(/^<Bus/)],
    'logs:CreateLogStream': [expect.stringMatching(/^<Reads/)],
    'logs:PutLogEvents': [expect.stringMatching(/^<Reads/)],
  })
})

test('the watchdog closes runs, writes its watch state and reads upstreams, and touches no data', () => {
  const runs = ['job#global-market#runs', 'job#tiny#runs']
  const states = ['public#global-market', 'public#tiny']

  expect(reach('Watchdog')).toEqual({
    'dynamodb:GetItem': [
      ...runs,
      ...states,
      'job#global-market#control',
      'job#tiny#control',
      'upstream#coingecko',
    ].sort(),
    'dynamodb:PutItem': runs,
    'dynamodb:Query': runs,
    'dynamodb:UpdateItem': [...runs, ...states],
    'events:PutEvents': [expect.stringMatching(/^<Bus/)],
    'logs:CreateLogStream': [expect.stringMatching(/^<Watchdog/)],
    'logs:PutLogEvents': [expect.stringMatching(/^<Watchdog/)],
    'sqs:SendMessage': [expect.stringMatching(/^<FailedRuns/)],
  })
})

describe('the operators’ function', () => {
  const jobs = ['global-market', 'tiny']
  const of = (...families: string[]) =>
    families.flatMap((family) => jobs.map((job) => family.replace('<id>', job)))
  const items = of('job#<id>#items#*')
  const providers = upstreams.map(({ name }) => `upstream#${name}`)
  const records = [...items, ...of('job#<id>#runs')]
  const rejected = of('job#<id>#rejected')
  const readTogether = ['job#*#control', 'job#*#items#*', 'job#*#runs', 'public#*', 'upstream#*']

  test('reads everything, decides, invalidates, purges and publishes requests on the bus, and publishes no data', () => {
    expect(reach('Operations')).toEqual({
      'dynamodb:GetItem': [
        ...records,
        ...of('public#<id>', 'job#<id>#control', 'job#<id>#keys'),
        ...providers,
      ].sort(),
      'dynamodb:BatchGetItem': readTogether,
      'dynamodb:Query': [...records, ...rejected, 'audit#*'].sort(),
      'dynamodb:PutItem': ['audit#*', ...of('job#<id>#control'), ...providers].sort(),
      'dynamodb:UpdateItem': [...items, ...of('job#<id>#keys', 'public#<id>')].sort(),
      'dynamodb:DeleteItem': ['job#tiny#items#*', ...rejected].sort(),
      'events:PutEvents': [expect.stringMatching(/^<Bus/)],
      ...Object.fromEntries(
        ['GetQueueAttributes', 'ReceiveMessage', 'DeleteMessage'].map((action) => [
          `sqs:${action}`,
          [expect.stringMatching(/^<FailedRuns/), expect.stringMatching(/^<Undelivered/)],
        ]),
      ),
      'logs:CreateLogStream': [expect.stringMatching(/^<Operations/)],
      'logs:PutLogEvents': [expect.stringMatching(/^<Operations/)],
    })
  })
})

test('without any job operators still reach providers and the audit, and no condition is empty', () => {
  const empty = synthesize({ jobs: [] }).ofType('AWS::IAM::Policy')

  const [operations] = empty.filter(({ id }) => id.startsWith('Operations'))

  expect(JSON.stringify(operations)).toContain('audit#*')
  expect(JSON.stringify(operations)).not.toContain('"dynamodb:LeadingKeys":[]')
})

describe('every permission', () => {
  const all = policies.flatMap(({ properties }) => properties.PolicyDocument.Statement as Statement[])

  test('to records is limited to partitions, and a pattern of them ends behind a #; one that spans jobs only reads', () => {
    const records = all.filter(({ Action }) => many(Action).some((action) => action.startsWith('dynamodb:')))
    const patterns = records.flatMap(({ Action, Condition }) =>
      many(Condition?.['ForAllValues:StringLike']['dynamodb:LeadingKeys'] ?? 'none at all *')
        .filter((key) => /[*?]/.test(key))
        .map((key) => ({ key, actions: many(Action) })),
    )

    expect(patterns).not.toEqual([])
    for (const { key, actions } of patterns)
      if (key.startsWith('job#*#')) expect(actions).toEqual(['dynamodb:BatchGetItem'])
      else expect(key).toMatch(/^[^*?]+#\*$/)
  })

  test('names its resource and its action in full', () => {
    for (const { Action, Resource, Effect } of all) {
      expect(Effect).toBe('Allow')
      for (const action of many(Action)) expect(action).toMatch(/^[a-z]+:[A-Za-z]+$/)
      for (const resource of many(Resource)) expect(flattenIntrinsics(resource)).not.toContain('*')
    }
  })

  test('is in a policy of its role: none is managed', () => {
    const roles = ofType('AWS::IAM::Role')

    expect(roles).toHaveLength(8)
    for (const { properties } of roles) expect(properties).not.toHaveProperty('ManagedPolicyArns')
  })

  test('is there before the function that needs it', () => {
    for (const { DependsOn = [] } of ofType('AWS::Lambda::Function')) {
      expect(DependsOn.join()).toContain('RoleDefaultPolicy')
    }
  })
})

test('a resource * is in the policy of the key only, where it means the key', () => {
  const { Resources } = synthesize().template

  const wildcards = Object.entries(Resources).filter(([, resource]) =>
    JSON.stringify(resource).includes('"Resource":"*"'),
  )

  expect(wildcards.map(([id]) => id)).toEqual([expect.stringMatching(/^AlarmKey/)])
})
