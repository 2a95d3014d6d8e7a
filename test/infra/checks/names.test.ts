import { describe, expect, test } from 'vitest'
import { jobs } from '#functions/jobs/declared.ts'
import { checkDeployedJobs, deployedJobs } from '#infra/checks/deployed-jobs.ts'
import { checkNames } from '#infra/checks/names.ts'
import { checkStage } from '#infra/checks/stage.ts'
import { type JobModule, loadJobModules } from '#infra/estimates/job-modules.ts'
import { resolveJob } from '#shared/declare/job.ts'
import type { Route } from '#shared/declare/route.ts'
import { resolveSystem } from '#shared/declare/system.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { testStage } from '#test/support/infra/synthesis.ts'
import { jobModule, tinyJob, tinyTaskJob } from '#test/support/jobs/test-jobs.ts'

const route: Route = {
  path: '/v1/tiny',
  about: 'What the tiny job stores',
  key: 'only',
  access: 'public',
  effect: 'read',
  cold: 'refuse',
}

const messagesOf = (declaration: ReturnType<typeof tinyJob>, module: Partial<JobModule>) =>
  checkNames([resolveJob(declaration, {})], new Map([[declaration.id, jobModule(module)]])).map(
    ({ message }) => message,
  )

describe('a member that nothing implements', () => {
  test('every job of the registry declares none', async () => {
    const resolved = jobs.map((job) => resolveJob(job, {}))

    expect(checkNames(resolved, await loadJobModules(resolved, 0))).toEqual([])
  })

  test('a view that views.ts does not export, and one that no route names, are refused', () => {
    const job = tinyJob({ reads: [{ ...route, view: 'prices' }] })

    expect(messagesOf(job, { views: ['price'] })).toEqual([
      '/v1/tiny: expected a view that views.ts exports (price), got prices',
      "views.ts: expected a route for each view, got none with view: 'price'",
    ])
    expect(messagesOf(job, { views: ['prices'] })).toEqual([])
  })

  test('history that refresh.ts does not write, and rows of another kind, are refused', () => {
    const job = tinyJob({ stored: 'snapshot', history: { rates: '1 day' } })

    expect(messagesOf(job, { historyKinds: ['prices'] })).toEqual([
      'history.rates: expected a kind that refresh.ts writes (historyKinds: prices)',
      "historyKinds: expected kinds of the declaration's history (rates), got prices",
    ])
    expect(messagesOf(job, { historyKinds: ['rates'] })).toEqual([])
  })

  test('requests that follow from others are refused where nothing makes or counts them', () => {
    const later = (declaration: ReturnType<typeof tinyJob>, laterRequests: JobModule['laterRequests']) =>
      messagesOf(declaration, { laterRequests })

    expect(later(tinyJob(), 'counted')).toEqual([])
    expect(later(tinyJob(), 'uncounted')).toEqual([
      'refresh.ts: expected maxCalls with laterRequests, which the quota check cannot count; got none',
    ])
    expect(later(tinyJob({ stored: 'snapshot' }), 'counted')).toEqual([
      "refresh.ts: expected laterRequests only with stored: 'items', got it with 'snapshot'",
    ])
    expect(later(tinyTaskJob(), 'counted')).toEqual([
      "refresh.ts: expected laterRequests only with mode: 'plain', got it with 'task'",
    ])
  })

  test('a key that no request of the plan produces is refused', () => {
    const symbol = { pattern: '[A-Z]{3}', about: 'a symbol' }
    const byName = { ...route, path: '/v1/{symbol}', key: 'x.{symbol}', parameters: { symbol } }

    expect(messagesOf(tinyJob(), { keys: ['other'] })).toEqual([
      '/v1/tiny: expected a key that the plan requests (other), got only',
    ])
    expect(messagesOf(tinyJob({ reads: [byName] }), { keys: ['xyABC', 'ABC'] })).toEqual([
      '/v1/{symbol}: expected a key that the plan requests (xyABC, ABC), got x.{symbol}',
    ])
    expect(messagesOf(tinyJob({ reads: [byName] }), { keys: ['x.ABC'] })).toEqual([])
    expect(messagesOf(tinyJob(), { keys: ['other', 'only'] })).toEqual([])
  })

  test('a parameter of a query, a path or a task that no file of the job names is refused', () => {
    const parameter = { pattern: '.+', about: 'x' }
    const reads = [
      {
        ...route,
        path: '/v1/{name}',
        key: '{name}',
        view: 'one',
        parameters: { name: parameter },
        query: { page: parameter },
      },
    ]
    const submits = [
      { path: '/v1/submit', about: 'x', access: 'operator', query: { fast: parameter } } as const,
    ]
    const job = tinyTaskJob({ id: 'tiny', reads, submits, params: { only: null } })

    const nothing = messagesOf(job, { views: ['one'], hasSubmission: true, mentions: () => false })

    expect(nothing).toEqual([
      '/v1/{name}: expected a parameter that something reads, got name',
      '/v1/{name}: expected a parameter that something reads, got page',
      '/v1/submit: expected a parameter that something reads, got fast',
      'params: expected a parameter that refresh.ts reads, got only',
    ])
    expect(messagesOf(job, { views: ['one'], hasSubmission: true })).toEqual([])
  })

  test('a submit.ts without a path, and a schema of an unknown path, are refused', () => {
    expect(
      messagesOf(tinyJob(), { hasSubmission: true, schemaPaths: ['/v1/tiny', 'POST /v1/other'] }),
    ).toEqual([
      'submit.ts: expected a path in submits that it answers, got none',
      'schema.ts: expected paths of its routes, got POST /v1/other',
    ])
  })

  test.each([
    [{}, 'refresh.ts, which exports refresh'],
    [{ id: 'global-market', reads: [{ ...route, view: 'one' }] }, 'views.ts, which exports views'],
  ])('a missing file of a job %# is one line with its name', async (changes, file) => {
    const job = resolveJob(tinyJob(changes), {})

    await expect(loadJobModules([job], 0)).rejects.toThrow(
      `job "${job.id}": expected functions/jobs/${job.id}/${file}; got no file`,
    )
  })

  test('a missing submit.ts is one line with its name', async () => {
    const submits = [{ path: '/v1/submit', about: 'x', access: 'operator' } as const]
    const job = resolveJob(tinyTaskJob({ id: 'global-market', submits }), {})

    await expect(loadJobModules([job], 0)).rejects.toThrow('submit.ts, which exports submission; got no file')
  })
})

describe('a job that was deployed', () => {
  const messages = (ids: readonly string[], deployed: Parameters<typeof checkDeployedJobs>[1]) =>
    checkDeployedJobs(
      ids.map((id) => ({ id })),
      deployed,
    ).map(({ subject, message }) => `${subject}: ${message}`)

  test('and is gone or renamed without saying so is refused (F74)', () => {
    const deployed = [{ id: 'one' }, { id: 'two' }]

    expect(messages(['one', 'renamed'], deployed)).toEqual([
      'two: expected a declaration, because it was deployed; got none. Add { "id": "<new id>", "replaces": "two" } or ' +
        '{ "retired": "two", "reason": "..." } to infra/checks/deployed-jobs.json',
    ])
    expect(messages(['one', 'renamed'], [...deployed, { id: 'renamed', replaces: 'two' }])).toEqual([])
    expect(messages(['one'], [...deployed, { retired: 'two', reason: 'no reader was left' }])).toEqual([])
  })

  test('and retired is never declared again, because its data would be served (F74)', () => {
    expect(messages(['one'], [{ id: 'one' }, { retired: 'one', reason: 'x' }])).toEqual([
      'one: expected an id that was never used, got one that is retired',
    ])
    expect(messages(['one', 'two'], [{ id: 'one' }, { id: 'two', replaces: 'one' }])).toEqual([
      'one: expected an id that was never used, got one that is replaced by two',
    ])
  })

  test('is in the list once, and what ends was in it', () => {
    expect(messages(['one'], [{ id: 'one' }, { id: 'one' }, { retired: 'other', reason: 'x' }])).toEqual([
      'other: expected a deployed job to end, got one that is not in deployed-jobs.json',
      'one: expected each job once in deployed-jobs.json, got it twice',
    ])
  })

  test('is in the committed list, as every job of the registry is', () => {
    expect(checkDeployedJobs(jobs, deployedJobs)).toEqual([])
  })
})

describe('in production', () => {
  const alarmEmail = 'alarms@example.com'
  const system = (settings: Record<string, string> = {}) => resolveSystem({ jobs, upstreams }, settings)
  const findings = (changes: object, settings: Record<string, string> = {}) =>
    checkStage(
      system(settings),
      testStage({ submissions: { throttle: { rate: 1, burst: 1 } }, alarmEmail, ...changes }),
      deployedJobs,
    )
  const loopback = { FRESHET_UPSTREAM_COINGECKO_URL: 'http://127.0.0.1:1' }

  test.each([
    ['an error', true, 'error'],
    ['a warning elsewhere', false, 'warning'],
  ])('a provider on the loopback interface is %s', (_, production, severity) => {
    expect(findings({ production }, loopback)).toEqual([
      {
        check: 'stage',
        subject: 'coingecko',
        severity,
        message: 'expected base URLs of the provider, got http://127.0.0.1:1 on the loopback interface',
      },
    ])
    expect(findings({ production })).toEqual([])
  })

  test.each([
    ['an error', true, 'error'],
    ['a warning elsewhere', false, 'warning'],
  ])('a public submission without a throttle is %s', (_, production, severity) => {
    expect(findings({ production, submissions: undefined })).toEqual([
      expect.objectContaining({ check: 'stage', subject: '/funding_monitor/latest-rates-async', severity }),
    ])
    const operator = { FUNDING_ASYNC_SUBMIT_AUTH: 'operator' }
    expect(findings({ production, submissions: undefined }, operator)).toEqual([])
  })

  test('alarms without a recipient are refused: an address, or a topic', () => {
    const none = { alarmEmail: undefined }
    const topic = { ...none, alarmTopicArn: 'arn:aws:sns:eu-central-1:111122223333:alarms' }

    expect(findings({ production: true, ...none })).toEqual([
      expect.objectContaining({ check: 'stage', subject: 'alarms', severity: 'error' }),
    ])
    expect(findings({ production: true, ...topic })).toEqual([])
    expect(findings({ production: false, ...none })).toEqual([])
  })

  test('a job that the list of deployed jobs lacks is refused', () => {
    const config = testStage({
      production: true,
      submissions: { throttle: { rate: 1, burst: 1 } },
      alarmEmail,
    })
    const unlisted = checkStage(system(), config, deployedJobs.slice(1))

    expect(unlisted.map(({ check, subject }) => [check, subject])).toEqual([['names', 'funding-contracts']])
  })
})
