import { describe, expect, test } from 'vitest'
import { defineJob, resolveJob } from '#shared/declare/job.ts'
import type { JobSpec } from '#shared/declare/job-spec.ts'
import { every } from '#shared/declare/schedule.ts'
import type { SettingsTable } from '#shared/declare/settings.ts'
import { defineUpstream, resolveUpstream } from '#shared/declare/upstream.ts'
import { SNAPSHOT_KEY } from '#shared/domain/records/snapshot.ts'
import type { Refresh } from '#shared/engine/model/refresh.ts'
import { classify } from '#shared/upstreams/classify.ts'
import { type Reply, type World, world } from '#test/fakes/world/world.ts'

const START = Date.UTC(2026, 10, 20, 15)
const TICK = START

interface List {
  readonly prices: Readonly<Record<string, number>>
  readonly at: number
}

const venue = (name: string) =>
  resolveUpstream(
    defineUpstream({
      name,
      title: name,
      settings: {},
      baseUrls: () => [`https://${name}.example`],
      limits: () => ({ perMinute: 6_000, burst: 100, concurrency: 20 }),
      attemptTimeout: '5 seconds',
      maxBytes: 65_536,
      attribution: { text: 'Invented for tests', url: `https://${name}.example` },
      classify: (answer, now) => classify(answer, { expects: 'object', coolDownMs: 60_000 }, now),
    }),
    {},
  )

const refresh: Refresh<List, 'prices'> = {
  renderVersion: 1,
  historyKinds: ['prices'],
  plan: ({ params }) =>
    params['ask'] === false
      ? 'stored'
      : [
          {
            key: 'list',
            calls: [{ path: '/list' }],
            fallbacks: [{ upstream: 'second', calls: [{ path: '/all' }] }],
          },
        ],
  nextCalls: (bodies) => {
    const last = bodies.at(-1) as { next?: string } | null
    return last?.next === undefined ? [] : [{ path: last.next }]
  },
  parse: (bodies, { now }) => ({
    prices: Object.assign({}, ...bodies.map((body) => (body as { prices: object }).prices)),
    at: now,
  }),
  accept: () => ({ accepted: true }),
  members: ({ prices, at }, { upstream, params }) => ({
    bodies: Object.entries(prices)
      .filter(([key]) => params['only'] === undefined || params['only'] === key)
      .map(([key, price]) => ({ key, data: { price, upstream }, asOf: at, degraded: false })),
    missing: 'LOST' in prices ? [{ key: 'MISSING', message: 'expected a price, got none' }] : [],
  }),
  isPartialUpdate: (params) => params['only'] !== undefined,
  summarizeSet: ({ entries, previous, now }) => ({
    head: { count: entries.size, runs: ((previous?.head as { runs?: number } | null)?.runs ?? 0) + 1 },
    history: [...entries].map(([entity, { data }]) => ({ kind: 'prices', entity, at: now, data })),
  }),
}

function listWorld(change: Partial<JobSpec<SettingsTable>> = {}): World<List> {
  const job = resolveJob(
    defineJob({
      id: 'lists',
      title: 'Lists',
      priority: 'P1',
      settings: {},
      schedule: every('5 minutes'),
      upstream: ['first', 'second'],
      freshness: { freshFor: '10 minutes', serveStaleFor: '6 hours', keepFor: '2 days' },
      run: { mode: 'plain', deadline: '2 minutes', attempts: 2 },
      history: { prices: '30 days' },
      stored: 'snapshot',
      envelope: 'plain',
      reads: [],
      ...change,
    }),
    {},
  )
  return world({ job, upstream: venue('first'), otherUpstreams: [venue('second')], refresh, start: START })
}

const answering = (hosts: Record<string, (path: string) => Reply>) => (request: { url: URL }) =>
  hosts[request.url.hostname]?.(request.url.pathname) ?? { status: 404, body: {} }

const list = (prices: Record<string, number>) => () => ({ status: 200, body: { prices } })

describe('a request with several sources', () => {
  test('calls the next provider when the first refuses our region, and labels its value', async () => {
    const base = listWorld()
    base.script(
      answering({ 'first.example': () => ({ status: 451, body: {} }), 'second.example': list({ A: 1 }) }),
    )

    const record = await base.tick(TICK)

    const head = base.store.memory.heads.get(`lists ${SNAPSHOT_KEY}`)
    expect(record).toMatchObject({ status: 'succeeded', counts: { planned: 1, published: 1 } })
    expect(head?.source).toBe('second')
    expect(
      await base.store.history.list('lists', 'prices', 'A', { from: 0, to: START * 2, limit: 9 }),
    ).toEqual([expect.objectContaining({ data: { price: 1, upstream: 'second' } })])
  })

  test('calls only the first provider while it answers', async () => {
    const base = listWorld()
    base.script(answering({ 'first.example': list({ A: 1 }), 'second.example': list({ A: 2 }) }))

    await base.tick(TICK)

    expect(base.calls.map(({ url }) => url.hostname)).toEqual(['first.example'])
  })

  test('does not call the next provider when the first answers not found', async () => {
    const base = listWorld()
    base.script(
      answering({ 'first.example': () => ({ status: 404, body: {} }), 'second.example': list({ A: 1 }) }),
    )

    const record = await base.tick(TICK)

    expect(record).toMatchObject({ status: 'failed', reason: 'not-found' })
    expect(base.calls.map(({ url }) => url.hostname)).toEqual(['first.example'])
  })

  test('fails with the messages of all providers when none answers, and keeps the stored value', async () => {
    const base = listWorld()
    base.script(answering({ 'first.example': list({ A: 1 }) }))
    await base.tick(TICK)
    base.script(
      answering({ 'first.example': () => ({ status: 451, body: {} }), 'second.example': () => 'reset' }),
    )

    const record = await base.tick(TICK + 300_000)

    expect(record).toMatchObject({ status: 'failed', reason: 'forbidden-region' })
    expect(record.message).toMatch(/^no provider answered: first forbidden-region, second network — /)
    expect(base.store.memory.heads.get(`lists ${SNAPSHOT_KEY}`)?.source).toBe('first')
  })

  test('never mixes values of two providers in one set: a part of another one is rejected, a whole set replaces all', async () => {
    const base = listWorld()
    base.script(answering({ 'first.example': list({ A: 1, B: 2 }) }))
    await base.tick(TICK)
    base.script(
      answering({ 'first.example': () => ({ status: 451, body: {} }), 'second.example': list({ A: 5 }) }),
    )

    const part = await base.run({ cause: 'operator', params: { only: 'A' } })
    const stayed = base.store.memory.heads.get(`lists ${SNAPSHOT_KEY}`)
    await base.tick(TICK + 300_000)

    const replaced = base.store.memory.heads.get(`lists ${SNAPSHOT_KEY}`)
    expect(part).toMatchObject({ status: 'failed', reason: 'rejected' })
    expect(stayed).toMatchObject({ count: 2, source: 'first' })
    expect(replaced).toMatchObject({ count: 1, source: 'second' })
  })
})

describe('a list', () => {
  test('is read page by page', async () => {
    const base = listWorld()
    base.script(
      answering({
        'first.example': (path) =>
          path === '/list'
            ? { status: 200, body: { prices: { A: 1 }, next: '/more' } }
            : { status: 200, body: { prices: { B: 2 } } },
      }),
    )

    const record = await base.tick(TICK)

    expect(record.counts).toMatchObject({ planned: 2, published: 2 })
  })

  test('with a lost member is partial, and names it', async () => {
    const base = listWorld()
    base.script(answering({ 'first.example': list({ A: 1, LOST: 2 }) }))

    const record = await base.tick(TICK)

    expect(record).toMatchObject({ status: 'partial', message: 'expected a price, got none' })
  })

  test('that is empty is rejected, and the set stays', async () => {
    const base = listWorld()
    base.script(answering({ 'first.example': list({ A: 1 }) }))
    await base.tick(TICK)
    base.script(answering({ 'first.example': list({}) }))

    const record = await base.tick(TICK + 300_000)

    expect(record).toMatchObject({ status: 'failed', reason: 'rejected' })
    expect(base.store.memory.heads.get(`lists ${SNAPSHOT_KEY}`)?.count).toBe(1)
  })
})

describe('a part of a set', () => {
  test('updates its members and keeps the others and the times of the set', async () => {
    const base = listWorld()
    base.script(answering({ 'first.example': list({ A: 1, B: 2 }) }))
    await base.tick(TICK)
    const before = base.store.memory.heads.get(`lists ${SNAPSHOT_KEY}`)
    base.clock.advance(60_000)
    base.script(answering({ 'first.example': list({ A: 3, B: 4 }) }))

    const record = await base.run({ cause: 'operator', params: { only: 'A' } })

    const after = base.store.memory.heads.get(`lists ${SNAPSHOT_KEY}`)
    const entries = after && (await base.store.snapshots.entries('lists', after))
    expect(record.counts).toMatchObject({ planned: 1, published: 1 })
    expect(entries?.map(({ body }) => JSON.parse(body).price)).toEqual([3, 2])
    expect(after?.checkedAt).toBe(before?.checkedAt)
    expect(after?.fetchedAt).toBe(before?.fetchedAt)
    expect(JSON.parse(after?.summary ?? '')).toEqual({ count: 2, runs: 2 })
  })

  test('is rejected when no set is stored', async () => {
    const base = listWorld()
    base.script(answering({ 'first.example': list({ A: 1 }) }))

    const record = await base.run({ cause: 'operator', params: { only: 'A' } })

    expect(record).toMatchObject({ status: 'failed', reason: 'rejected' })
  })
})

describe('a run without calls', () => {
  test('answers from the stored set', async () => {
    const base = listWorld()
    base.script(answering({ 'first.example': list({ A: 1, B: 2 }) }))
    await base.tick(TICK)
    const state = await base.store.states.get('lists')
    const calls = base.calls.length

    const record = await base.run({ cause: 'operator', params: { ask: false } })

    expect(record).toMatchObject({ status: 'unchanged', counts: { planned: 2, unchanged: 2 } })
    expect(base.calls).toHaveLength(calls)
    expect((await base.store.states.get('lists')).lastSuccessAt).toBe(state.lastSuccessAt)
  })

  test('fails when no set is stored', async () => {
    const base = listWorld()

    const record = await base.run({ cause: 'operator', params: { ask: false } })

    expect(record).toMatchObject({ status: 'failed', reason: 'not-found' })
  })
})
