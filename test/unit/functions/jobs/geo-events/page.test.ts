import { beforeAll, describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS } from '#shared/domain/duration.ts'
import { geoEventsHarness, NEWS_API, NOON, newsApiBody } from '#test/fakes/jobs/geo-events.ts'

/** Every tenth event is grave; each title has no word in common with another. */
const titleOf = (index: number) =>
  index % 10 === 0 ? `invasion${index} invasion of alpha${index}` : `talks${index} talks beta${index}`

describe('a page of events', () => {
  const harness = geoEventsHarness()
  const { page, runWith, get, path, store } = harness

  beforeAll(async () => {
    for (let run = 0; run < 12; run += 1) {
      const at = NOON + run * 4 * HOUR_MS
      const rows = Array.from({ length: 200 }, (_, index) => ({
        title: titleOf(run * 200 + index),
        at: at - HOUR_MS - (index % 12) * 900_000,
      }))
      await runWith(rows, at)
    }
  })

  it('has the newest 100 by default, with the state of the feed and the attribution', async () => {
    const { data, meta } = await page()

    const dates = data.map(({ event_date }) => event_date)
    expect(data).toHaveLength(100)
    expect(dates).toEqual(dates.toSorted().toReversed())
    expect(dates[0]).toBe('2026-11-22T07:00:00Z')
    expect(meta).toMatchObject({
      as_of: '2026-11-22T07:00:00Z',
      fetched_at: '2026-11-22T08:00:00Z',
      last_success: '2026-11-22T08:00:00Z',
      coverage_days: 2,
      degraded: false,
      notice: 'Source: The GDELT Project',
    })
  })

  it.each(['', '&category=WAR', '&min_impact=60', '&category=OTHER'])(
    'and those after it are all events once%s',
    async (filter) => {
      const ids: string[] = []
      let cursor = ''
      let pages = 0
      for (;;) {
        const { data, meta } = await page(`?limit=170${filter}${cursor}`)
        ids.push(...data.map(({ id }) => id))
        pages += 1
        if (meta.next_cursor === null) break
        cursor = `&cursor=${meta.next_cursor}`
      }

      const expected = { '': 2_400, '&category=WAR': 240, '&min_impact=60': 240, '&category=OTHER': 0 }[
        filter
      ]
      expect(ids).toHaveLength(expected ?? -1)
      expect(new Set(ids).size).toBe(ids.length)
      expect(pages).toBeLessThanOrEqual(16)
    },
  )

  it('takes at most four reads of history, also if no event passes the filter', async () => {
    const list = store.history.list.bind(store.history)
    let reads = 0
    Object.assign(store.history, {
      list: (...parameters: Parameters<typeof list>) => {
        reads += 1
        return list(...parameters)
      },
    })

    const { data, meta } = await page('?category=OTHER')

    Object.assign(store.history, { list })
    expect(data).toEqual([])
    expect(meta.next_cursor).not.toBeNull()
    expect(reads).toBe(4)
  })

  it('has the events of so many days', async () => {
    const { data } = await page('?days=1&limit=500')

    expect(data.length).toBeGreaterThan(0)
    expect(Math.min(...data.map(({ event_date }) => Date.parse(event_date)))).toBeGreaterThanOrEqual(
      harness.clock.now() - DAY_MS,
    )
  })

  it.each([
    ['days=0', 'days'],
    ['days=61', 'days'],
    ['days=1.5', 'days'],
    ['category=war', 'category'],
    ['min_impact=101', 'min_impact'],
    ['min_impact=-1', 'min_impact'],
    ['limit=0', 'limit'],
    ['limit=501', 'limit'],
    ['cursor=next', 'cursor'],
    ['cursor=', 'cursor'],
  ])('of %s is status 400 with the name of %s', async (query, name) => {
    const { status, body } = await get(`${path}?${query}`)

    expect(status).toBe(400)
    expect((body as { readonly detail: string }).detail).toMatch(new RegExp(`^${name}: expected `))
  })

  it('has the freshness headers of the feed, and another tag than another page', async () => {
    const [first, again, other] = [await get(path), await get(path), await get(`${path}?limit=5`)]

    expect(first.headers).toMatchObject({ 'x-cache': 'HIT', age: '0', etag: again.headers['etag'] })
    expect(other.headers['etag']).not.toBe(first.headers['etag'])
  })
})

describe('an answer', () => {
  it('is 503 before the first run', async () => {
    const { get, path } = geoEventsHarness()

    expect((await get(path)).status).toBe(503)
  })

  it('has at most 1 MB: it ends earlier, with a cursor', async () => {
    const { tick, respondWith, get, page, path } = geoEventsHarness(NEWS_API)
    const rows = Array.from({ length: 500 }, (_, index) => ({
      title: `war${index} 战${index} ${'战'.repeat(150)}`,
      description: '争'.repeat(499),
      url: `https://news.test/${index}?${'q'.repeat(1_500)}`,
      at: NOON - index * 60_000,
    }))
    respondWith(({ url }) => {
      const first = (Number(url.searchParams.get('page')) - 1) * 100
      return { status: 200, body: newsApiBody(rows.slice(first, first + 100)) }
    })
    await tick(NOON)

    const { body } = await get(`${path}?limit=500`)
    const first = await page('?limit=500')
    const second = await page(`?limit=500&cursor=${first.meta.next_cursor}`)

    const bytes = Buffer.byteLength(JSON.stringify(body))
    expect(bytes).toBeLessThanOrEqual(1024 * 1024)
    expect(bytes).toBeGreaterThan(900_000)
    expect(first.data.length + second.data.length).toBe(500)
    expect(second.meta.next_cursor).toBeNull()
  })
})
