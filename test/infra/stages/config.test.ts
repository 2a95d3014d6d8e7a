import { readdirSync } from 'node:fs'
import { RetentionDays } from 'aws-cdk-lib/aws-logs'
import { describe, expect, test } from 'vitest'
import { job as globalMarket } from '#functions/jobs/global-market/job.ts'
import { LOG_RETENTION_DAYS, parseStage, stageConfig } from '#infra/stages/config.ts'
import { resolveSystem } from '#shared/declare/system.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { testStage } from '#test/support/infra/synthesis.ts'

const TOKEN = { auth: 'jwt', issuer: 'https://id.example', audience: ['freshet'] }
const ID = '12345678-1234-1234-1234-123456789012'
const CERTIFICATE = `arn:aws:acm:eu-central-1:111122223333:certificate/${ID}`
const KEY = `arn:aws:kms:eu-central-1:111122223333:key/${ID}`
const THROTTLE = { rate: 1, burst: 1 }

const files = readdirSync('infra/stages')
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -'.json'.length))

describe('the stages of the repository', () => {
  test('there are dev and prod', () => {
    expect(files.sort()).toEqual(['dev', 'prod'])
  })

  test.each(files)('%s is legal, and names only settings that exist', (name) => {
    const config = stageConfig(name)

    const system = resolveSystem({ jobs: [globalMarket], upstreams }, config.settings)

    expect(config.stage).toBe(name)
    expect(system.jobs).toHaveLength(1)
  })

  test('the error of an unknown stage lists the stages', () => {
    expect(() => stageConfig('staging')).toThrow('expected one of the stages dev, prod; got "staging"')
  })

  test('a stage file is never read outside of its folder', () => {
    expect(() => stageConfig('../../package')).toThrow('expected one of the stages dev, prod')
  })
})

describe('a stage file', () => {
  test('is frozen through and through', () => {
    const config = testStage({ settings: { COINGECKO_PLAN: 'keyless' } })

    expect(Object.isFrozen(config)).toBe(true)
    expect(Object.isFrozen(config.settings)).toBe(true)
    expect(Object.isFrozen(config.reads.throttle)).toBe(true)
  })

  test('has no reserved concurrency, e-mail, contact and region by default', () => {
    const config = testStage()

    expect(Object.keys(config).sort()).toEqual([
      'corsOrigins',
      'deletionProtection',
      'logRetentionDays',
      'monthlyBudgetUsd',
      'operators',
      'reads',
      'settings',
      'stage',
    ])
  })

  test.each([
    ['an unknown member', { colour: 'red' }, 'colour'],
    ['a setting in lower case', { settings: { ttl: '5' } }, 'settings'],
    ['a setting that is no text', { settings: { TTL: 5 } }, 'settings.TTL'],
    [
      'an unknown kind of authorization of readers',
      { reads: { auth: 'none', throttle: THROTTLE } },
      'reads.auth',
    ],
    ['public reads with an issuer', { reads: { ...TOKEN, auth: 'public', throttle: THROTTLE } }, 'issuer'],
    ['reads without a throttle', { reads: { auth: 'iam' } }, 'reads.throttle'],
    ['no word on operators', { operators: undefined }, 'operators'],
    ['operators that are anybody', { operators: { auth: 'public' } }, 'operators.auth'],
    ['tokens of operators without a scope', { operators: TOKEN }, 'operators.scope'],
    ['a scope that is two', { operators: { ...TOKEN, scope: 'a b' } }, 'operators.scope: expected one scope'],
    [
      'an issuer that is not https',
      { operators: { ...TOKEN, scope: 'jobs:write', issuer: 'http://id.example' } },
      'operators.issuer: expected the https URL of a token issuer',
    ],
    [
      'tokens without an audience',
      { operators: { ...TOKEN, scope: 'jobs:write', audience: [] } },
      'operators.audience: expected at least one',
    ],
    [
      'a retention that CloudWatch does not have',
      { logRetentionDays: 15 },
      'logRetentionDays: expected one of 1, 3, 5',
    ],
    ['logs that are kept for ever', { logRetentionDays: 9999 }, 'logRetentionDays'],
    ['any origin', { corsOrigins: ['*'] }, 'corsOrigins.0: expected an origin'],
    ['an origin with a path', { corsOrigins: ['https://example.org/'] }, 'corsOrigins.0'],
    ['an address that is none', { alarmEmail: 'me' }, 'alarmEmail'],
    ['a topic that is none', { alarmTopicArn: 'alarms' }, 'alarmTopicArn'],
    ['a runbook without TLS', { runbookUrl: 'http://example.com' }, 'runbookUrl'],
    ['a table name with a slash', { restoredTable: 'a/b' }, 'restoredTable'],
    [
      'a domain with a path',
      { domain: { name: 'example.org/api', certificateArn: CERTIFICATE } },
      'domain.name: expected a host name',
    ],
    [
      'a domain without a certificate',
      { domain: { name: 'data.example.org', certificateArn: KEY } },
      'domain.certificateArn: expected the ARN of a certificate in ACM',
    ],
    [
      'an alias of a key',
      { region: 'eu-central-1', encryptionKeyArn: 'alias/data' },
      'encryptionKeyArn: expected',
    ],
    ['a key without its region', { encryptionKeyArn: KEY }, 'region: expected the region of the key'],
    ['tracing that is no switch', { tracing: 'on' }, 'tracing'],
    ['a budget of nothing', { monthlyBudgetUsd: 0 }, 'monthlyBudgetUsd'],
    ['a name too long for the names made of it', { stage: 'a-very-long-stage' }, 'stage: expected 2 to 12'],
  ])('with %s is refused, naming the place', (_, changes, message) => {
    expect(() => testStage(changes)).toThrow(message)
  })

  test('with several faults names them all', () => {
    expect(() => testStage({ stage: 'X', monthlyBudgetUsd: -1 })).toThrow(/stage:.*\n.*monthlyBudgetUsd:/)
  })

  test('that is no object is refused', () => {
    expect(() => parseStage([], 'x.json')).toThrow('x.json: file:')
  })
})

test('a setting of the stage that nothing declares is an error', () => {
  const { settings } = testStage({ settings: { GLOBAL_STATS_CASHE_TTL: '900' } })

  expect(() => resolveSystem({ jobs: [globalMarket], upstreams }, settings)).toThrow(
    'GLOBAL_STATS_CASHE_TTL: no job or upstream has a setting of this name',
  )
})

test('a log may be retained for as many days as CloudWatch can, but not for ever', () => {
  const retentionDays = Object.values(RetentionDays).filter((days) => typeof days === 'number')

  expect(LOG_RETENTION_DAYS).toEqual(retentionDays.filter((days) => days !== RetentionDays.INFINITE))
})
