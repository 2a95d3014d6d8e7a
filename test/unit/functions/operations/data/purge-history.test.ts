import { describe, expect, it } from 'vitest'
import type { HistoryRow } from '#shared/domain/records/publication.ts'
import { priceBody, pricesWorld } from '#test/fakes/jobs/prices.ts'
import { operator } from '#test/fakes/world/clients.ts'

const SECOND = 1_000
const DAY = 86_400 * SECOND
const FIRST = Date.UTC(2026, 10, 20, 12, 1)

/** A job of two symbols and two kinds of history; `rows` of each are stored, and those of a symbol that left the plan. */
async function withHistory(stored: 'items' | 'snapshot', rows: number) {
  const change = { history: { daily: '90 days', revisions: '400 days' } } as const
  const world = pricesWorld(stored, ['AAA', 'BBB'], FIRST, { change })
  world.script(({ url }) => ({ status: 200, body: priceBody(url, 1, FIRST) }))
  await world.tick(FIRST)
  const { id } = world.work.job
  const rowsOf = (kind: string, entity: string): HistoryRow[] =>
    Array.from({ length: rows }, (_, index) => ({
      kind,
      entity,
      at: FIRST - index * DAY,
      data: index,
      expiresAt: FIRST + DAY,
    }))
  for (const kind of ['daily', 'revisions'])
    for (const entity of ['AAA', 'BBB', 'LEFT']) await world.store.history.put(id, rowsOf(kind, entity))
  await world.store.history.put('other-job', rowsOf('daily', 'AAA'))
  const left = () =>
    [...world.store.memory.history].map(([name, { entity }]) => `${name.split(' ')[0]} ${entity}`)
  return { world, id, left: () => [...new Set(left())].sort() }
}

describe('a purge', () => {
  it.each(['items', 'snapshot'] as const)(
    'of all %s deletes all rows of history, also those of keys that left the plan, and no row of another job',
    async (stored) => {
      const { world, id, left } = await withHistory(stored, 3)
      const { post, get } = operator(world)

      const answer = await post(`/v1/jobs/${id}/purge`, { all: true, confirm: id })

      const { entries } = (await get('/v1/audit')).body
      expect(answer).toMatchObject({ status: 200, body: { purged: { items: 2, rejected: 0, history: 18 } } })
      expect(left()).toEqual(['other-job AAA'])
      expect(entries).toMatchObject([
        { action: 'purge', after: { all: true, purged: { items: 2, rejected: 0, history: 18 } } },
      ])
      expect(world.lines.map(({ message }) => message)).toContain(
        '2 stored values and 18 rows of history deleted, with rejected bodies of 0 keys',
      )
    },
  )

  it('is made although its figures cannot be added to the audit entry, which stays', async () => {
    const { world, id } = await withHistory('items', 3)
    const { audits } = world.store
    let appended = 0
    const append: typeof audits.append = (entry) => {
      appended += 1
      return appended === 1 ? audits.append(entry) : Promise.reject(new Error('throttled'))
    }
    const store = { ...world.store, audits: { ...audits, append } }

    const answer = await operator(world, { store }).post(`/v1/jobs/${id}/purge`, { all: true, confirm: id })

    expect(answer).toMatchObject({ status: 200, body: { purged: { history: 18 } } })
    expect(world.store.memory.audits).toMatchObject([{ action: 'purge', after: '{"all":true}' }])
    expect(world.lines).toContainEqual(
      expect.objectContaining({
        level: 'WARN',
        message: 'The figures of a change could not be added to its audit entry',
      }),
    )
  })

  it('of one key deletes the rows of the entity of its name', async () => {
    const { world, id, left } = await withHistory('items', 3)

    const answer = await operator(world).post(`/v1/jobs/${id}/purge`, { key: 'AAA', confirm: id })

    expect(answer).toMatchObject({ status: 200, body: { purged: { items: 1, rejected: 0, history: 6 } } })
    expect(left()).toEqual(['other-job AAA', `${id} BBB`, `${id} LEFT`])
  })

  it('of a key that left the plan deletes its rows, although no item of it is stored', async () => {
    const { world, id } = await withHistory('items', 3)

    const answer = await operator(world).post(`/v1/jobs/${id}/purge`, { key: 'LEFT', confirm: id })

    expect(answer.body.purged).toEqual({ items: 0, rejected: 0, history: 6 })
  })

  it('that has no time for all rows is 503 with the counts, and its repetition deletes the rest', async () => {
    const { world, id, left } = await withHistory('items', 600)
    const { history } = world.store
    const slow: typeof history = {
      ...history,
      remove: (...words) => {
        world.clock.advance(3 * SECOND)
        return history.remove(...words)
      },
    }
    const store = { ...world.store, history: slow }

    const first = await operator(world, { store }).post(`/v1/jobs/${id}/purge`, { all: true, confirm: id })
    const second = await operator(world).post(`/v1/jobs/${id}/purge`, { all: true, confirm: id })

    expect(first).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5' },
      body: { items: 2, rejected: 0, history: expect.any(Number) },
    })
    expect(first.body.history).toBeGreaterThan(0)
    expect(first.body.detail).toBe(
      `${first.body.history} rows of history were deleted and others are left; the request may be repeated`,
    )
    expect(second.body.purged).toEqual({ items: 0, rejected: 0, history: 3_600 - first.body.history })
    expect(left()).toEqual(['other-job AAA'])
  })

  it('for whose rows the table fails is 503 with the counts, after all other entities', async () => {
    const { world, id, left } = await withHistory('items', 3)
    const { history } = world.store
    const failing: typeof history = {
      ...history,
      remove: (job, kind, entity, removal) =>
        entity === 'BBB'
          ? Promise.reject(new Error('throttled'))
          : history.remove(job, kind, entity, removal),
    }

    const answer = await operator(world, { store: { ...world.store, history: failing } }).post(
      `/v1/jobs/${id}/purge`,
      { all: true, confirm: id },
    )

    expect(answer).toMatchObject({ status: 503, body: { entities: 2, failed: 1 } })
    expect(left()).toContain(`${id} BBB`)
  })
})
