import { describe, expect, test } from 'vitest'
import type { SynthesizedTemplate } from '#infra/checks/findings.ts'
import { checkLimits } from '#infra/checks/limits.ts'
import { checkSizes } from '#infra/checks/template.ts'
import type { SettingTexts } from '#shared/declare/settings.ts'
import { resolveSystem } from '#shared/declare/system.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { tinyJob, tinyTaskJob } from '#test/support/jobs/test-jobs.ts'

const messages = (changes: Parameters<typeof tinyJob>[0], given: SettingTexts = {}) =>
  checkLimits(resolveSystem({ jobs: [tinyJob(changes)], upstreams }, given)).map(({ message }) => message)

describe('a job', () => {
  test.each(['889 seconds', '1 second', '90 seconds'] as const)('may run for %s', (deadline) => {
    expect(messages({ run: { mode: 'plain', deadline } })).toEqual([])
  })

  test('that needs all of the time of Lambda must be a task', () => {
    expect(messages({ run: { mode: 'plain', deadline: '890 seconds' } })).toEqual([
      'expected a deadline below 890 s, got 890 s: a longer job must be a task',
    ])
  })

  test('is spread over whole minutes, as the scheduler requires', () => {
    expect(messages({ spread: '90 seconds' })).toEqual([
      'expected a spread of whole minutes up to a day, got 90 s',
    ])
    expect(messages({ spread: '2 minutes' })).toEqual([])
  })
})

describe('a task job', () => {
  const messages = (changes: Parameters<typeof tinyJob>[0]) =>
    checkLimits(resolveSystem({ jobs: [tinyTaskJob(changes)], upstreams }, {})).map(({ message }) => message)

  test.each(['30 seconds', '20 minutes', '1 day'] as const)('may take %s', (deadline) => {
    expect(messages({ run: { mode: 'task', deadline } })).toEqual([])
  })

  test.each([
    ['29 seconds', 29],
    ['25 hours', 90_000],
  ] as const)('may not take %s', (deadline, seconds) => {
    expect(messages({ run: { mode: 'task', deadline } })).toEqual([
      `expected a task's deadline of 30 s to 86400 s, got ${seconds} s`,
    ])
  })

  test('has no more lanes than a machine runs at once, and a pace that a machine can wait for', () => {
    expect(
      messages({ run: { mode: 'task', deadline: '1 hour', concurrency: 41, pace: '1.5 seconds' } }),
    ).toEqual([
      "expected a task's concurrency of at most 40, got 41",
      'expected a pace of whole seconds, got 1.5 s',
    ])
    expect(
      messages({ run: { mode: 'task', deadline: '1 hour', concurrency: 40, pace: '2 seconds' } }),
    ).toEqual([])
  })
})

test('changed settings have to fit into an environment', () => {
  const many = Array.from({ length: 90 }, (_, index) => `https://mirror-${index}.api.example.org/api/v3`)

  const findings = messages({}, { FRESHET_UPSTREAM_COINGECKO_URL: many.join(',') })

  expect(findings).toEqual([expect.stringContaining('expected changed settings of at most 3072 bytes')])
})

describe('a template', () => {
  const of = (
    count: number,
    resource: (index: number) => SynthesizedTemplate['Resources'][string],
  ): SynthesizedTemplate => ({
    Resources: Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`R${index}`, resource(index)]),
    ),
  })
  const permission = { Type: 'AWS::Lambda::Permission', Properties: { FunctionName: { Ref: 'Reads' } } }
  const policy = (size: number) => ({
    Type: 'AWS::IAM::Policy',
    Properties: { PolicyDocument: 'x'.repeat(size - 2) },
  })
  const queuePolicy = (statements: number) => ({
    Type: 'AWS::SQS::QueuePolicy',
    Properties: { PolicyDocument: { Statement: Array.from({ length: statements }, () => ({})) } },
  })

  test.each([
    ['500 resources', of(500, () => ({ Type: 'X' })), of(501, () => ({ Type: 'X' })), 'resources'],
    [
      '40 permissions a function',
      of(40, () => permission),
      of(41, () => permission),
      'permissions on one function',
    ],
    [
      '10,240 bytes a role',
      of(1, () => policy(10_240)),
      of(1, () => policy(10_241)),
      'bytes of the policy of a role',
    ],
    [
      '20 statements a queue',
      of(1, () => queuePolicy(20)),
      of(1, () => queuePolicy(21)),
      'statements of the policy',
    ],
  ])('may hold %s, and not one more', (_, most, oneMore, what) => {
    expect(checkSizes(most)).toEqual([])
    expect(checkSizes(oneMore)).toEqual([
      expect.objectContaining({ check: 'limits', severity: 'error', message: expect.stringContaining(what) }),
    ])
  })

  test('counts permissions by function', () => {
    const spread = of(60, (index) => ({
      ...permission,
      Properties: { FunctionName: { Ref: index % 2 ? 'Reads' : 'Job' } },
    }))

    expect(checkSizes(spread)).toEqual([])
  })
})

test.each(['Route', 'Integration'])('more than 300 resources %s of a gateway are an error', (kind) => {
  const many = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`One${index}`, { Type: `AWS::ApiGatewayV2::${kind}` }]),
    )
  const findings = (count: number) =>
    checkSizes({ Resources: many(count) }).filter(({ subject }) => subject === 'gateway')

  expect(findings(300)).toEqual([])
  expect(findings(301)).toEqual([
    expect.objectContaining({
      severity: 'error',
      message: `expected at most 300 ${kind.toLowerCase()}s, got 301`,
    }),
  ])
})
