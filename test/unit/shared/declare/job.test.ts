import { describe, expect, it } from 'vitest'
import { jobs } from '#functions/jobs/declared.ts'
import { job as globalMarket } from '#functions/jobs/global-market/job.ts'
import { defineJob, resolveJob } from '#shared/declare/job.ts'
import type { JobSpec } from '#shared/declare/job-spec.ts'
import { daily, every, onDemand } from '#shared/declare/schedule.ts'
import { choice, count, flag, type SettingsTable } from '#shared/declare/settings.ts'
import { namedSettings, resolveSystem } from '#shared/declare/system.ts'
import { DeclarationError } from '#shared/declare/validation.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { pricesJob, pricesUpstream } from '#test/fakes/jobs/prices.ts'
import { scheduleOf, tinyJob, tinyTaskJob } from '#test/support/jobs/test-jobs.ts'

type Spec = JobSpec<SettingsTable>

/** A declaration with members that a typed author could not write. */
const declared = (change: object) => () => pricesJob('items', change as Partial<Spec>)

describe('a job’s declaration', () => {
  it('resolves to durations in milliseconds, with the documented defaults', () => {
    expect(resolveJob(globalMarket, {})).toMatchObject({
      id: 'global-market',
      schedule: { expression: 'cron(3/10 * * * ? *)', zone: 'UTC' },
      spreadMs: 60_000,
      freshness: { freshForMs: 900_000, serveStaleForMs: 86_400_000, keepForMs: 7 * 86_400_000 },
      revalidateWithinMs: 600_000,
      run: { mode: 'plain', deadlineMs: 90_000, attempts: 3, backoffMs: 10_000, concurrency: 1 },
      overdueAfterMs: 2_700_000,
    })
  })

  it('takes its settings', () => {
    const job = resolveJob(globalMarket, {
      GLOBAL_STATS_INTERVAL_MIN: '15',
      GLOBAL_STATS_MAX_RETRIES: '5',
      GLOBAL_STATS_RETRY_BACKOFF: '2',
      GLOBAL_STATS_CACHE_TTL: '1200',
      GLOBAL_STATS_ENABLED: 'false',
    })

    expect(scheduleOf(job).expression).toBe('cron(3/15 * * * ? *)')
    expect(job.run).toMatchObject({ attempts: 5, backoffMs: 2_000 })
    expect(job.freshness.freshForMs).toBe(1_200_000)
    expect(job.off).toBe('GLOBAL_STATS_ENABLED is false')
  })

  it('refuses a jitter of a snapshot, whose entries are published together', () => {
    const freshness = {
      freshFor: '2 hours',
      serveStaleFor: '12 hours',
      keepFor: '1 day',
      jitter: 0.1,
    } as const

    expect(() => tinyJob({ stored: 'snapshot', freshness })).toThrow(
      /freshness\.jitter: expected only with stored: 'items', got it with 'snapshot'/,
    )
  })

  it('keeps history for as long as its settings say', () => {
    const settings = { KEPT_DAYS: count(2, { unit: 'days', about: 'how long rows are kept' }) }
    const history = (s: { readonly KEPT_DAYS: number }) => ({ rates: `${s.KEPT_DAYS} days` })
    const job = declared({ settings, history })()

    expect(resolveJob(job, {})).toMatchObject({ history: { rates: 2 * 86_400_000 } })
    expect(resolveJob(job, { KEPT_DAYS: '3' })).toMatchObject({
      history: { rates: 3 * 86_400_000 },
      computedFrom: { history: ['KEPT_DAYS'] },
    })
    expect(declared({ history: () => ({ Rates: '1 day' }) })).toThrow(
      /history: expected kinds as short kebab-case/,
    )
  })

  it('needs no provider and no inputs where it retains history', () => {
    const job = resolveJob(pricesJob('items', { upstream: [], retains: 'history' }), {})

    expect(job).toMatchObject({ upstreams: [], inputs: [], retains: 'history' })
    expect(declared({ upstream: [] })).toThrow('upstream: expected at least one, or inputs to derive from')
  })

  it.each([
    [{ retains: 'items' }, 'retains: expected one of history, got "items"'],
    [
      { retains: 'history', stored: 'snapshot', reads: [] },
      "retains: expected only with stored: 'items', got it with 'snapshot'",
    ],
    [
      { retains: 'history', run: { mode: 'task', deadline: '2 minutes' } },
      "retains: expected only with mode: 'plain', got it with 'task'",
    ],
  ])('refuses what retention cannot do: %j', (change, message) => {
    expect(declared(change as never)).toThrow(message)
  })

  it('has its id with _ as a trigger name, beside the declared ones, and lets nothing be overridden', () => {
    const plain = resolveJob(pricesJob('items'), {})
    const named = resolveJob(pricesJob('items', { triggerNames: ['prices_items', 'quotes'] }), {})

    expect(plain).toMatchObject({ triggerNames: ['prices_items'], overridable: [] })
    expect(named.triggerNames).toEqual(['prices_items', 'quotes'])
  })

  it.each([
    [
      'a route without a view',
      'items',
      { live: { keys: 'keys', spacing: '30 seconds' } },
      ': expected keys only with view, got "keys" without view',
    ],
    [
      'a view of a set',
      'snapshot',
      { view: 'one', live: {} },
      ": expected a view only with stored: 'items', got 'snapshot'",
    ],
    [
      'keys that its tasks do not have',
      'items',
      { view: 'one', live: { keys: 'symbols' } },
      '.keys: expected one of keys, got "symbols"',
    ],
    ['neither view nor spacing', 'items', { live: {} }, ': expected a spacing, or a view; got neither'],
    [
      'many keys with a spacing of each',
      'items',
      { view: 'one', live: { keys: 'keys', spacing: '30 seconds' } },
      ': expected keys or spacing, got both',
    ],
    [
      'a key once in two hours',
      'items',
      { live: { spacing: '2 hours' } },
      ': expected a spacing of at most 1 hour, got 2 hours',
    ],
    [
      'a key once in a while',
      'items',
      { live: { spacing: 'a while' } },
      '.spacing: expected a duration such as',
    ],
    [
      'an unknown member',
      'items',
      { live: { every: '1 hour' } },
      ': expected the keys keys, spacing; got "every"',
    ],
  ] as const)('refuses a live read of %s', (_, stored, more, message) => {
    const route = {
      path: '/x',
      about: 'x',
      key: 'all',
      access: 'public',
      effect: 'read',
      cold: 'refuse',
    } as const
    const reads = [{ ...route, ...more }] as Spec['reads']

    expect(() => pricesJob(stored, { reads, params: { keys: null } })).toThrow(`reads[0].live${message}`)
  })

  it.each([
    [
      'a key of a snapshot that is not all',
      'snapshot',
      {},
      'key: expected all, because a snapshot is read as a whole, got "x"',
    ],
    [
      'no key without a view',
      'items',
      { key: undefined },
      'key: expected a key such as global or {symbol}, got nothing',
    ],
    [
      'a path parameter that neither key nor view uses',
      'items',
      { path: '/x/{name}', parameters: { name: { pattern: '.+', about: 'x' } } },
      'parameters: expected a key or a view that uses {name}, got the key x without a view',
    ],
    [
      'a query that no view reads',
      'items',
      { query: { limit: { pattern: '.+', about: 'x' } } },
      'query: expected none without a view, which would read it; got limit',
    ],
    [
      'a hit message without the age',
      'items',
      { hitMessage: 'a hit' },
      'hitMessage: expected a message with {age}, got "a hit"',
    ],
  ] as const)('refuses %s', (_, stored, change, message) => {
    const route = {
      path: '/x',
      about: 'x',
      key: 'x',
      access: 'public',
      effect: 'read',
      cold: 'refuse',
      ...change,
    }

    expect(declared({ reads: [route] as never, stored })).toThrow(`reads[0].${message}`)
  })

  it('declares the form of its keys once: by keys, or by the keys of its reads', () => {
    const keys = { pattern: '[A-Z]+', about: 'a symbol' }

    expect(declared({ keys })).toThrow(
      'key: expected none, because keys declares the form of all keys of the job',
    )
    expect(declared({ keys, stored: 'snapshot', reads: [] })).toThrow(
      "keys: expected only with stored: 'items'",
    )
  })

  it.each([
    ['params', { params: { fast: false } }],
    ['taskPrefix', { taskPrefix: 'task_of_' }],
  ])('has %s only if its runs are tasks', (member, change) => {
    expect(declared(change)).toThrow(`${member}: expected only with mode: 'task', got it with 'plain'`)
  })

  it.each([
    ['cancel', '/x/{id}', {}, "mode: 'task'"],
    ['start-schedule', '/x', { schedule: onDemand() }, 'a schedule'],
    ['clear-cache-key', '/x/{id}', { stored: 'snapshot', reads: [] }, "stored: 'items'"],
    ['change-symbols', '/x', {}, 'HAMA_INCLUDE, HAMA_EXCLUDE, HAMA_UNIVERSE_SIZE in overridable'],
  ])('refuses an alias of %s where the job cannot carry it out', (operation, path, change, what) => {
    const aliases = [{ method: 'POST', path, about: 'x', operation }]

    expect(declared({ ...change, aliases })).toThrow(
      `aliases[0].operation: expected ${operation} only with ${what}, got it without`,
    )
  })

  const prefixAlias = {
    method: 'DELETE',
    path: '/x/{id}',
    about: 'x',
    operation: 'clear-cache-prefix',
    id: { pattern: '[0-9]+', about: 'x' },
    keyPrefix: 'hub:{id}:',
    jobs: ['prices-items'],
  }

  it.each([
    [{ keyPrefix: 'hub:{id}' }, 'keyPrefix: expected a beginning of keys that ends in {id}:'],
    [{ keyPrefix: 'hub:' }, 'keyPrefix: expected a beginning of keys that ends in {id}:'],
    [{ keyPrefix: '{id}:{id}:' }, 'keyPrefix: expected a beginning of keys that ends in {id}:'],
    [{ id: undefined }, 'id: expected a pattern, got nothing'],
    [{ jobs: [] }, 'jobs: expected ids of jobs, got none'],
    [{ jobs: ['Prices'] }, 'jobs: expected ids of jobs, got "Prices"'],
    [{ path: '/x' }, 'parameters: expected [] as in the path, got [id]'],
    [
      { prefix: 'hub:' },
      'expected the keys method, path, about, operation, id, keyPrefix, jobs; got "prefix"',
    ],
  ])('refuses an alias that clears keys of other ids, or none: %j', (change, message) => {
    expect(declared({ aliases: [{ ...prefixAlias, ...change }] })).toThrow(message)
    expect(declared({ aliases: [{ ...prefixAlias }] })).not.toThrow()
  })

  it('refuses an alias that shows the figures of no job', () => {
    const aliases = [{ method: 'GET', path: '/x', about: 'x', operation: 'show-cache-stats' }]

    expect(declared({ aliases })).toThrow('aliases[0].jobs: expected ids of jobs, got none')
  })

  it('computes its aliases from its settings', () => {
    const settings = { PREFIX: choice(['hub', 'club'], 'hub', { about: 'x' }) }
    const aliases = (s: { PREFIX?: string }) => [{ ...prefixAlias, keyPrefix: `${s.PREFIX}:{id}:` }]
    const job = declared({ settings, aliases })()

    expect(resolveJob(job, {}).aliases).toMatchObject([{ keyPrefix: 'hub:{id}:' }])
    expect(resolveJob(job, { PREFIX: 'club' }).aliases).toMatchObject([{ keyPrefix: 'club:{id}:' }])
  })

  it.each([
    ['nowhere', 'the unknown nowhere'],
    ['a-set', 'a-set, stored as snapshot'],
  ])('refuses an alias that clears the keys of %s', (name, got) => {
    const job = tinyJob({ aliases: [{ ...prefixAlias, jobs: [name] }] as never })
    const set = tinyJob({ id: 'a-set', stored: 'snapshot' })

    expect(() => resolveSystem({ jobs: [job, set], upstreams }, {})).toThrow(
      `job "tiny".aliases: expected jobs that store items, got ${got}`,
    )
  })

  it('may be created paused by its settings, with the reason', () => {
    const settings = { AUTO: flag(true, { about: 'x' }) }
    const initialPause = (s: { AUTO?: boolean }) => (s.AUTO ? undefined : 'AUTO is false')
    const job = pricesJob('items', { settings, initialPause })

    expect(resolveJob(job, {})).not.toHaveProperty('initialPause')
    expect(resolveJob(job, { AUTO: 'false' }).initialPause).toBe('AUTO is false')
  })

  it('lets operators override parts and settings', () => {
    const settings = {
      LIMIT: count(5, { unit: 'things', min: 1, max: 9, about: 'x' }),
      OTHER: count(1, { unit: 'things', about: 'y' }),
    }

    const job = resolveJob(pricesJob('items', { settings, overridable: ['LIMIT', 'interval'] }), {})

    expect(job).toMatchObject({ overridable: ['interval'], overridableSettings: { LIMIT: settings.LIMIT } })
    expect(Object.keys(job.overridableSettings)).toEqual(['LIMIT'])
  })

  it.each([
    ['schedule', { schedule: (s: { LIMIT: number }) => every(`${s.LIMIT} minutes` as '5 minutes') }],
    ['being off', { off: (s: { LIMIT: number }) => (s.LIMIT > 5 ? 'too many' : undefined) }],
  ])('refuses an overridable setting from which its %s is computed', (_, change) => {
    const settings = { LIMIT: count(5, { unit: 'things', min: 1, max: 9, about: 'x' }) }

    expect(() => pricesJob('items', { settings, overridable: ['LIMIT'], ...(change as object) })).toThrow(
      'overridable: expected settings that only runs use, got LIMIT, from which other members of the declaration are computed',
    )
  })

  it('cannot have the trigger name of another job', () => {
    const jobs = [
      pricesJob('items', { triggerNames: ['quotes'] }),
      pricesJob('snapshot', { triggerNames: ['quotes'] }),
    ]

    expect(() => resolveSystem({ jobs, upstreams: [pricesUpstream] }, {})).toThrow(
      'expected each trigger name to be declared once, got quotes twice',
    )
  })

  it('cannot be changed', () => {
    expect(() => Object.assign(globalMarket.spec, { title: 'x' })).toThrow(TypeError)
    expect(() => Object.assign(resolveJob(globalMarket, {}), { title: 'x' })).toThrow(TypeError)
  })

  it.each([
    ['a trigger name in kebab-case', { triggerNames: ['the-prices'] }, /expected names in lower snake_case/],
    ['an override of the hour', { overridable: ['hour'] }, /expected one of interval, items, got "hour"/],
    ['an unknown key', { retries: 3 }, /expected the keys id, .*; got "retries"/],
    ['an id in capitals', { id: 'Prices' }, /expected a short kebab-case noun, got "Prices"/],
    ['an id with #', { id: 'pri#ces' }, /expected a short kebab-case noun/],
    ['an unknown priority', { priority: 'P7' }, /expected one of P0, P1, P2, got "P7"/],
    ['an unknown way to be stored', { stored: 'file' }, /expected one of items, snapshot, got "file"/],
    [
      'an unknown envelope',
      { envelope: 'soap' },
      /expected one of success, plain, status, code, message, got "soap"/,
    ],
    [
      'a bad unit',
      { spread: '5 fortnights' },
      /expected a duration such as '10 minutes'.*got "5 fortnights"/,
    ],
    ['no unit', { spread: '5' }, /expected a duration/],
    ['a length of nothing', { spread: '0 minutes' }, /expected a duration/],
    [
      'an age of nothing',
      {
        freshness: {
          freshFor: '10 minutes',
          serveStaleFor: '6 hours',
          keepFor: '2 days',
          maxAsOfAge: '0 hours',
        },
      },
      /freshness\.maxAsOfAge: expected a duration/,
    ],
    [
      'data kept for years',
      { freshness: { freshFor: '10 minutes', serveStaleFor: '6 hours', keepFor: '367 days' } },
      /freshness\.keepFor: expected at most 366 days, got 367 days/,
    ],
    [
      'a jitter above a half',
      {
        freshness: { freshFor: '10 minutes', serveStaleFor: '6 hours', keepFor: '2 days', jitter: 0.6 },
      },
      /freshness\.jitter: expected a share from 0 to 0\.5, got 0\.6/,
    ],
    [
      'an unknown key of freshness',
      { freshness: { freshForever: true } },
      /expected the keys freshFor.*"freshForever"/,
    ],
    ['an unknown key of run', { run: { mode: 'plain', deadline: '1 minute', tries: 2 } }, /got "tries"/],
    [
      'an unknown mode',
      { run: { mode: 'fibre', deadline: '1 minute' } },
      /expected one of plain, task, got "fibre"/,
    ],
    [
      'no attempt',
      { run: { mode: 'plain', deadline: '1 minute', attempts: 0 } },
      /whole number of at least 1, got 0/,
    ],
    [
      'a setting in lower case',
      { settings: { interval: {} } },
      /expected names in UPPER_SNAKE_CASE, got "interval"/,
    ],
  ])('with %s is refused in one line that names the job and the member', (_name, change, message) => {
    expect(declared(change)).toThrow(message)
    expect(declared(change)).toThrow(DeclarationError)
    expect(declared(change)).toThrow(/^job "[^"]+"\.?[^\n]*: expected [^\n]+$/)
  })

  const route = {
    path: '/a/{id}',
    about: 'a',
    key: '{id}',
    parameters: { id: { pattern: '[0-9]+', about: 'n' } },
    access: 'public',
    effect: 'read',
    cold: 'wait',
  }
  it.each([
    ['an unknown key', { ...route, cache: 1 }, /got "cache"/],
    ['a relative path', { ...route, path: 'a/{id}' }, /expected a path such as/],
    ['a parameter without pattern', { ...route, parameters: {} }, /expected \[id\] as in the path, got \[\]/],
    [
      'a key of no parameter',
      { ...route, key: '{name}' },
      /expected parameters of the path \[id\], got \{name\}/,
    ],
    [
      'an unknown effect',
      { ...route, effect: 'destroy' },
      /expected one of read, submit, change, got "destroy"/,
    ],
    ['an unknown access', { ...route, access: 'friends' }, /got "friends"/],
    ['an unknown cold', { ...route, cold: 'warm' }, /got "warm"/],
  ])('is refused with %s in a route', (_name, wrong, message) => {
    expect(declared({ reads: [wrong] })).toThrow(message)
  })

  it.each([
    [
      'GLOBAL_STATS_INTERVAL_MIN',
      '0',
      /GLOBAL_STATS_INTERVAL_MIN: expected a whole number, 1 to 60 minutes, got "0"/,
    ],
    ['GLOBAL_STATS_INTERVAL_MIN', '61', /got "61"/],
    ['GLOBAL_STATS_INTERVAL_MIN', '1e1', /got "1e1"/],
    ['GLOBAL_STATS_INTERVAL_MIN', '', /got ""/],
    ['GLOBAL_STATS_MAX_RETRIES', '6', /1 to 5 attempts, got "6"/],
    ['GLOBAL_STATS_RETRY_BACKOFF', '-1', /1 to 60 seconds, got "-1"/],
    ['GLOBAL_STATS_ENABLED', 'yes', /expected true or false, got "yes"/],
  ])('refuses %s=%s', (name, text, message) => {
    expect(() => resolveJob(globalMarket, { [name]: text })).toThrow(message)
  })

  it('refuses a period that no clock divides', () => {
    expect(() => resolveJob(globalMarket, { GLOBAL_STATS_INTERVAL_MIN: '7' })).toThrow(
      /^GLOBAL_STATS_INTERVAL_MIN: job "global-market".schedule: expected a period .* got '7 minutes'/,
    )
  })

  it('refuses settings that give a schedule of equal gaps another kind: its bundle could not compute the ticks', () => {
    const settings = { ZONE: choice(['UTC', 'America/New_York'], 'UTC', { about: 'x' }) }
    const schedule = (s: { ZONE?: string }) => daily('09:00', s.ZONE ?? 'UTC')
    const job = pricesJob('items', { settings, schedule })

    expect(() => resolveJob(job, { ZONE: 'UTC' })).not.toThrow()
    expect(() => resolveJob(job, { ZONE: 'America/New_York' })).toThrow(
      /^ZONE: .*schedule: expected equal gaps, as by default, got cron\(0 9 \* \* \? \*\) in America\/New_York$/,
    )
  })
})

describe('all declarations together', () => {
  const declarations = { jobs, upstreams }

  it('resolve without settings', () => {
    const system = resolveSystem(declarations, {})

    expect(system.jobs.map(({ id }) => id)).toEqual(jobs.map(({ id }) => id))
    expect(system.changed.get('global-market')).toEqual({})
  })

  it('carry only what differs from the defaults', () => {
    const given = {
      GLOBAL_STATS_INTERVAL_MIN: '10',
      GLOBAL_STATS_CACHE_TTL: '1000',
      COINGECKO_PLAN: 'demo',
      COINGECKO_KEY_PARAMETER: '/freshet/coingecko',
      FRESHET_UPSTREAM_COINGECKO_URL: 'http://127.0.0.1:9999/x',
    }

    const { GLOBAL_STATS_INTERVAL_MIN: _default, ...changed } = given
    expect(resolveSystem(declarations, given).changed.get('global-market')).toEqual(changed)
  })

  it('report all faults together: the unknown and the illegal', () => {
    const given = { GLOBAL_STATS_INTERVL_MIN: '5', GLOBAL_STATS_ENABLED: 'no', COINGECKO_PLAN: 'gold' }

    expect(() => resolveSystem(declarations, given)).toThrow(
      [
        'GLOBAL_STATS_INTERVL_MIN: no job or upstream has a setting of this name',
        'COINGECKO_PLAN: expected one of keyless, demo, pro, got "gold"',
        'GLOBAL_STATS_ENABLED: expected true or false, got "no"',
      ].join('\n'),
    )
  })

  it('want a secret’s name where the plan needs one', () => {
    expect(() => resolveSystem(declarations, { COINGECKO_PLAN: 'pro' })).toThrow(
      /COINGECKO_KEY_PARAMETER: expected the name of a secret, because COINGECKO_PLAN is pro; got nothing/,
    )
  })

  it.each([
    'http://example.com',
    'ftp://127.0.0.1',
    'nonsense',
    'https://u:p@example.com',
    'https://example.com/?k=1',
  ])('refuse the base URL %s, and never print its secrets', (url) => {
    const resolve = () => resolveSystem(declarations, { FRESHET_UPSTREAM_COINGECKO_URL: url })

    expect(resolve).toThrow(/^FRESHET_UPSTREAM_COINGECKO_URL: expected base URLs, https: unless loopback/)
    expect(resolve).not.toThrow(/u:p|k=1/)
  })

  it.each([
    ['a submission and a read', { submits: [{ path: '/x', about: 'x', access: 'operator' }] }, 'GET /x'],
    [
      'two submissions',
      {
        reads: [],
        submits: [
          { path: '/x/{a}', about: 'x', access: 'operator', parameters: { a: { pattern: '.', about: 'x' } } },
          { path: '/x/{b}', about: 'x', access: 'operator', parameters: { b: { pattern: '.', about: 'x' } } },
        ],
      },
      'GET /x/{}',
    ],
    [
      'a submission and an alias',
      {
        submits: [{ path: '/y', about: 'x', access: 'operator', method: 'POST' }],
        aliases: [{ path: '/y', about: 'x', method: 'POST', operation: 'trigger' }],
      },
      'POST /y',
    ],
  ] as const)('are refused when %s have one path and method', (_, change, path) => {
    const reads = [
      { path: '/x', about: 'x', key: 'x', access: 'public', effect: 'read', cold: 'refuse' } as const,
    ]
    const job = tinyTaskJob({ reads, ...change })

    expect(() => resolveSystem({ jobs: [job], upstreams }, {})).toThrow(
      `expected each path to be declared once, got ${path} twice`,
    )
  })

  it('are refused when two are the same', () => {
    const one = pricesJob('items')
    const other = { ...declarations, upstreams: [...upstreams, pricesUpstream] }

    expect(() => resolveSystem({ ...other, jobs: [one, one] }, {})).toThrow(
      /each job to be declared once, got prices-items/,
    )
    const twin = defineJob({ ...one.spec, id: 'prices-twin' })
    expect(() => resolveSystem({ ...other, jobs: [one, twin] }, {})).toThrow(
      /each path .* got GET \/test\/prices\/\{\} twice/,
    )
    expect(() => resolveSystem({ jobs: [one], upstreams }, {})).toThrow(
      /expected one of coingecko, .*, got "prices"/,
    )
  })

  it.each<[string, readonly [string, readonly string[]][], RegExp]>([
    ['itself', [['one', ['one']]], /job "one".inputs: expected another job .*, got one/],
    ['an unknown job', [['one', ['two']]], /got the unknown two/],
    [
      'a job that reads it',
      [
        ['one', ['two']],
        ['two', ['one']],
      ],
      /expected no cycle, got one <- two <- one/,
    ],
    [
      'a job at the other end of a chain',
      [
        ['zero', ['one']],
        ['one', ['two', 'zeta']],
        ['two', ['three']],
        ['three', ['one']],
        ['zeta', []],
      ],
      /expected no cycle, got one <- two <- three <- one/,
    ],
  ])('refuse a job that reads %s', (_, readers, message) => {
    const declared = readers.map(([id, inputs]) => snapshotOf(id, inputs))

    expect(() => resolveSystem({ jobs: declared, upstreams }, {})).toThrow(message)
  })

  it('may read the same job along two ways', () => {
    const declared = [
      snapshotOf('one', ['two', 'three']),
      snapshotOf('two', ['four']),
      snapshotOf('three', ['four']),
      snapshotOf('four', []),
    ]

    expect(resolveSystem({ jobs: declared, upstreams }, {}).jobs).toHaveLength(4)
  })

  it('refuse a job that follows what it does not read', () => {
    expect(() => tinyJob({ inputs: ['one'], follows: ['one'] })).not.toThrow()
    expect(() => tinyJob({ inputs: ['one'], follows: ['two'] })).toThrow(
      /job "tiny".follows: expected one of the inputs \(one\), got "two"/,
    )
    expect(() => tinyJob({ follows: ['two'] })).toThrow(
      /job "tiny".follows: expected one of the inputs \(none\), got "two"/,
    )
  })

  it('may add items of a job to their responses that reads them itself', () => {
    const source = recordsOf('source', { viewInputs: ['reader'] })
    const reader = recordsOf('reader', { inputs: [{ items: 'source' }] })

    const { jobs } = resolveSystem({ jobs: [source, reader], upstreams }, {})

    expect(jobs.map(({ viewInputs }) => viewInputs)).toEqual([['reader'], []])
  })

  it.each([
    ['itself', 'one', /job "one".viewInputs: expected another job that stores items, .*, got one/],
    ['an unknown job', 'two', /job "one".viewInputs: .* got the unknown two/],
    ['a job that stores a set', 'set', /job "one".viewInputs: .* got set, stored as snapshot/],
    ['a job that stores whole responses', 'tiny', /job "one".viewInputs: .* got tiny, stored as items/],
  ])('refuse a job whose views read %s', (_, name, message) => {
    const declared = [recordsOf('one', { viewInputs: [name] }), snapshotOf('set', []), tinyJob()]

    expect(() => resolveSystem({ jobs: declared, upstreams }, {})).toThrow(message)
  })

  it('refuse a job without a view that names what its views read', () => {
    expect(() => tinyJob({ viewInputs: ['one'] })).toThrow(
      /job "tiny".viewInputs: expected only with a view, got it without/,
    )
  })

  it('name every setting once, with its rule', () => {
    const names = namedSettings(declarations).map(({ name }) => name)

    expect(new Set(names).size).toBe(names.length)
    expect(names).toContain('FRESHET_UPSTREAM_COINGECKO_URL')
    for (const { setting } of namedSettings(declarations)) expect(setting.about).toMatch(/\S/)
  })
})

/** A job that stores bare records, which a view serves. */
function recordsOf(id: string, change: Parameters<typeof tinyJob>[0]) {
  const route = { about: 'a record', key: 'only', view: 'record' } as const
  const reads = [{ ...route, path: `/v1/${id}`, access: 'public', effect: 'read', cold: 'refuse' } as const]
  return tinyJob({ id, reads, ...change })
}

/** A job that stores a set and reads others. */
function snapshotOf(id: string, inputs: readonly string[]) {
  return tinyJob({ id, stored: 'snapshot', inputs, reads: [] })
}
