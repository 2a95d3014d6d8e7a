import { expect, test } from 'vitest'
import { jobs } from '#functions/jobs/declared.ts'
import { datasetsEnvironment, functionSettings } from '#infra/definitions/function-settings.ts'
import { resolveSystem } from '#shared/declare/system.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { synthesize, testStage } from '#test/support/infra/synthesis.ts'

const declarations = { jobs, upstreams }
const FUNCTIONS = ['operations', 'reads', 'submit', 'watchdog', ...jobs.map(({ id }) => `job-${id}`)]

/** The functions whose environment a changed setting is in. */
function functionsWith(settings: Readonly<Record<string, string>>): string[] {
  const system = resolveSystem(declarations, settings)
  return FUNCTIONS.filter((name) => Object.keys(functionSettings(name, system)).length > 0)
}

test.for([
  ['retries, which only runs use', { GLOBAL_STATS_MAX_RETRIES: '2' }, ['operations', 'watchdog']],
  ['an interval', { GLOBAL_STATS_INTERVAL_MIN: '5' }, ['operations', 'watchdog']],
  ['a time of freshness', { GLOBAL_STATS_CACHE_TTL: '1200' }, ['operations', 'reads', 'watchdog']],
  ['the plan of a provider', { COINGECKO_PLAN: 'demo', COINGECKO_KEY_PARAMETER: '/a' }, ['operations']],
] as const)('%s is in the job’s function and in those that read it', ([, settings, others]) => {
  const names = functionsWith(settings)

  expect(names).toEqual([...others, 'job-global-market'])
})

test('a setting of a job with views is in reads too, which may show it; one of a task job in submit', () => {
  expect(functionsWith({ MIN_VOLUME: '500000' })).toEqual([
    'operations',
    'reads',
    'submit',
    'job-funding-rates',
  ])
})

test('the settings of a function give the members that it reads the values that all settings give', () => {
  const texts = {
    GLOBAL_STATS_CACHE_TTL: '1200',
    GLOBAL_STATS_MAX_RETRIES: '2',
    FUNDING_RATE_CHECK_INTERVAL: '600',
  }
  const all = resolveSystem(declarations, texts)
  const part = (name: string) => resolveSystem(declarations, functionSettings(name, all)).jobs

  expect(part('reads').map(({ freshness, submits, off }) => ({ freshness, submits, off }))).toEqual(
    all.jobs.map(({ freshness, submits, off }) => ({ freshness, submits, off })),
  )
  const watched = ({ freshness, run, schedule, upstream }: (typeof all.jobs)[number]) => ({
    freshness,
    run,
    schedule,
    upstream,
  })
  expect(part('watchdog').map(watched)).toEqual(all.jobs.map(watched))
})

test('a job that retains history has the datasets of all jobs in its environment, and no other job has them', () => {
  const system = resolveSystem(declarations, { RETENTION_DAYS_RISK: '30' })
  const datasetsOf = (id: string) => {
    const job = system.jobs.find((each) => each.id === id)
    if (!job) throw new TypeError(`expected the job ${id}`)
    const { FRESHET_DATASETS: text } = datasetsEnvironment(job, system.jobs)
    return text === undefined ? undefined : JSON.parse(text)
  }

  expect(datasetsOf('macro-risk')).toBeUndefined()
  expect(datasetsOf('retention')).toEqual(
    expect.arrayContaining([
      { job: 'macro-risk', hasItems: true, history: { risks: 30 * 86_400_000 } },
      {
        job: 'funding-rates',
        hasItems: false,
        history: { rates: 90 * 86_400_000, sessions: 180 * 86_400_000 },
      },
      { job: 'hama', hasItems: true, history: {} },
    ]),
  )
  expect(datasetsOf('retention').map(({ job }: { job: string }) => job)).not.toContain('symbol-universe')
})

test('the environment of such a job is in the template, and fits into 4 KB with every setting', () => {
  const functions = synthesize({ jobs }).ofType('AWS::Lambda::Function')
  const texts = functions.flatMap(({ properties }) => properties.Environment.Variables.FRESHET_DATASETS ?? [])

  expect(texts).toHaveLength(1)
  expect(Buffer.byteLength(texts[0])).toBeLessThan(3_072)
})

test('changing one job’s setting leaves the functions of other jobs as they are deployed', () => {
  const versions = (settings: Record<string, string>) =>
    synthesize({ jobs, config: testStage({ settings }) })
      .ofType('AWS::Lambda::Version')
      .map(({ id }) => id)
  const before = versions({})

  const after = versions({ GLOBAL_STATS_MAX_RETRIES: '2' })

  const kept = before.filter((id) => after.includes(id))
  expect(before.length).toBeGreaterThan(4)
  expect(before.length - kept.length).toBe(3)
})
