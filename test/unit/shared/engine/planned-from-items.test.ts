import { expect, test } from 'vitest'
import { resolveJob } from '#shared/declare/job.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import type { Refresh } from '#shared/engine/model/refresh.ts'
import { coingecko } from '#shared/upstreams/coingecko.ts'
import { world } from '#test/fakes/world/world.ts'
import { tinyJob } from '#test/support/jobs/test-jobs.ts'

const NOW = Date.UTC(2026, 10, 20, 12)
const HOUR = 3_600_000
const KEYS = ['first', 'second', 'third']

interface Reading {
  readonly value: number
  readonly readings: readonly number[]
  /** When the newest reading was fetched. */
  readonly readAt: number
}

/** The values of each key: read from the provider when the newest one is older than `maxAgeMs`. */
function readingsOf({ maxAgeMs, postponed = [] }: { maxAgeMs: number; postponed?: readonly string[] }) {
  const refresh: Refresh<Reading> = {
    renderVersion: 1,
    keys: () => KEYS,
    plan: ({ storedItems, now }) =>
      KEYS.map((key) => {
        const readAt = (storedItems.get(key)?.memory as { readAt: number } | undefined)?.readAt ?? 0
        const isDue = now - readAt > maxAgeMs
        const calls = isDue ? [{ path: `/${key}` }] : []
        return postponed.includes(key)
          ? { key, calls, postponed: 'the share of today is used up' }
          : { key, calls }
      }),
    parse: ([body], { storedItems, key, now }) => {
      const stored = storedItems.get(key)?.memory as Omit<Reading, 'value'> | undefined
      const { readings, readAt } = stored ?? { readings: [], readAt: 0 }
      const next = body ? [...readings, (body as { value: number }).value] : readings
      const value = next.reduce((sum, reading) => sum + reading, 0)
      return { value, readings: next, readAt: body ? now : readAt }
    },
    accept: () => ({ accepted: true }),
    item: ({ value, ...memory }) => ({
      data: { value },
      asOf: memory.readAt,
      degraded: false,
      memory: { ...memory },
    }),
  }
  const job = resolveJob(tinyJob({ id: 'readings' }), {})
  return world({ job, refresh, upstream: resolveUpstream(coingecko, {}), start: NOW })
}

test('what a job keeps in its memory is there for its next run, and a key without a call is confirmed', async () => {
  const { run, script, store, clock, calls } = readingsOf({ maxAgeMs: HOUR })
  script(() => ({ status: 200, body: { value: 5 } }))
  await run({ cause: 'operator' })
  expect(calls.map(({ url }) => url.pathname.split('/').at(-1))).toEqual(KEYS)
  const first = await store.items.get('readings', 'first')

  clock.advance(60_000)
  const unchanged = await run({ cause: 'operator' })
  const confirmed = await store.items.get('readings', 'first')

  expect(unchanged).toMatchObject({ status: 'unchanged', counts: { planned: 3, unchanged: 3 } })
  expect(calls).toHaveLength(3)
  expect(confirmed).toMatchObject({ checkedAt: clock.now(), fetchedAt: first?.fetchedAt, etag: first?.etag })

  clock.advance(2 * HOUR)
  await run({ cause: 'operator' })
  expect(calls).toHaveLength(6)
})

test('the memory is written although the served value stays the same, and the run is unchanged', async () => {
  const { run, script, store, clock } = readingsOf({ maxAgeMs: 0 })
  script(() => ({ status: 200, body: { value: 0 } }))
  await run({ cause: 'operator' })
  const before = await store.items.get('readings', 'first')
  clock.advance(60_000)

  const ended = await run({ cause: 'operator' })

  expect(ended).toMatchObject({ status: 'unchanged', counts: { planned: 3, published: 0, unchanged: 3 } })
  const after = await store.items.get('readings', 'first')
  expect(after?.etag).toBe(before?.etag)
  expect(after?.memory).not.toEqual(before?.memory)
})

test('a postponed key fails with the reason, makes no call, and the others are refreshed', async () => {
  const { run, script, calls, store } = readingsOf({ maxAgeMs: HOUR, postponed: ['second'] })
  script(() => ({ status: 200, body: { value: 1 } }))

  const ended = await run({ cause: 'operator' })

  expect(ended).toMatchObject({
    status: 'partial',
    reason: 'quota-exhausted',
    message: 'the share of today is used up',
    counts: { planned: 3, published: 2, failed: 1 },
  })
  expect(calls).toHaveLength(2)
  expect(await store.items.get('readings', 'second')).toBeUndefined()
})

test('while the provider is cooling down, keys that need no call are confirmed and the others fail', async () => {
  const { run, script, store, clock, calls } = readingsOf({ maxAgeMs: HOUR })
  script((request) =>
    request.url.pathname.endsWith('third') ? { status: 429, body: {} } : { status: 200, body: { value: 1 } },
  )
  await run({ cause: 'operator' })
  clock.advance(10_000)
  const before = calls.length

  const ended = await run({ cause: 'operator' })

  expect(ended).toMatchObject({ status: 'partial', counts: { planned: 3, unchanged: 2, failed: 1 } })
  expect(calls).toHaveLength(before)
  expect(await store.items.get('readings', 'first')).toMatchObject({ checkedAt: clock.now() })
})
