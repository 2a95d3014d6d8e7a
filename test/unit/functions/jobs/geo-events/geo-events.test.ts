import { describe, expect, it } from 'vitest'
import { job } from '#functions/jobs/geo-events/job.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import { geoEventsHarness, NEWS_API, NOON, newsApiBody } from '#test/fakes/jobs/geo-events.ts'

const STRIKE = 'Military strike on oil pipeline disrupts Middle East exports'
const TALKS = 'Ministers hold talks on fishing dispute'
const AT = NOON - HOUR_MS

/** Distinct articles without a word in common, newest first. */
const articles = (count: number, at = AT) =>
  Array.from({ length: count }, (_, index) => ({
    title: `war${index} alpha${index} beta${index}`,
    at: at - index * 15 * MINUTE_MS,
  }))

describe('events', () => {
  it('have the documented category, severity and impact (row 12)', async () => {
    const { runWith, page } = geoEventsHarness()

    await runWith([
      { title: STRIKE, at: AT },
      { title: TALKS, at: AT - HOUR_MS },
    ])

    const { data } = await page()
    expect(data).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{16}$/),
        title: STRIKE,
        description: null,
        event_date: '2026-11-20T11:00:00Z',
        category: 'ENERGY_CRISIS',
        severity: 'HIGH',
        severity_score: 8,
        affected_regions: ['Middle East'],
        affected_industries: ['Energy', 'Defense'],
        market_impact_score: 97,
        matched_words: expect.arrayContaining(['oil', 'pipeline', 'military strike']),
        sources_count: 1,
        news_source: 'news.test',
        news_url: expect.stringContaining('https://news.test/'),
        created_at: '2026-11-20T12:00:00Z',
      },
      expect.objectContaining({ title: TALKS, category: 'DIPLOMATIC_CRISIS', market_impact_score: 25 }),
    ])
  })

  it('reported under two addresses in one batch are one event with two sources, also after another run (row 13)', async () => {
    const { runWith, page, feed } = geoEventsHarness()
    const batch = [
      { title: STRIKE, at: AT, url: 'a' },
      { title: `${STRIKE} - News Test`, at: AT, url: 'b' },
    ]

    await runWith(batch)
    const first = await page()
    await runWith(batch, NOON + 4 * HOUR_MS)
    const second = await page()

    expect(first.data.map(({ sources_count }) => sources_count)).toEqual([2])
    expect(second.data).toEqual(first.data)
    expect(first.meta.counts).toMatchObject({ articles: 2, new_events: 1, merged: 1 })
    expect(second.meta.counts).toMatchObject({ articles: 2, new_events: 0, merged: 2 })
    expect((await feed()).days).toMatchObject([{ date: '2026-11-20', events: 1 }])
  })

  it('that a graver report describes keep their row, and their day has the new figures', async () => {
    const { runWith, page, feed, rows } = geoEventsHarness()
    await runWith([{ title: 'Border unrest near the capital of Arvenia grows', at: AT }])
    const [before] = (await page()).data

    const at = NOON + 4 * HOUR_MS
    await runWith(
      [{ title: 'Border invasion near the capital of Arvenia grows', at: at - HOUR_MS, url: 'b' }],
      at,
    )

    const [after] = (await page()).data
    expect(before).toMatchObject({ severity: 'MEDIUM', sources_count: 1 })
    expect(after).toMatchObject({
      id: before?.id,
      event_date: before?.event_date,
      created_at: before?.created_at,
      title: 'Border invasion near the capital of Arvenia grows',
      severity: 'CRITICAL',
      market_impact_score: 90,
      sources_count: 2,
    })
    expect(rows()).toHaveLength(1)
    expect((await feed()).days).toEqual([
      { date: '2026-11-20', events: 1, highImpact: 1, levelSum: 9, impactSum: 90 },
    ])
  })

  it('of the same title are another event after 48 hours', async () => {
    const { runWith, page } = geoEventsHarness()
    await runWith([{ title: TALKS, at: AT }])
    const within = AT + 47 * HOUR_MS
    await runWith([{ title: TALKS, at: within, url: 'b' }], within)
    const after = AT + 49 * HOUR_MS
    await runWith([{ title: TALKS, at: after, url: 'c' }], after)

    expect((await page()).data.map(({ sources_count }) => sources_count)).toEqual([1, 2])
  })

  it('of one quarter of an hour have a row each', async () => {
    const { runWith, rows } = geoEventsHarness()

    await runWith(articles(250).map((article) => ({ ...article, at: AT })))

    expect(rows()).toHaveLength(250)
    expect(new Set(rows().map(({ id }) => id)).size).toBe(250)
  })

  it('are kept as long as RETENTION_DAYS_GEOPOLITICAL says', async () => {
    const { runWith, page, clock } = geoEventsHarness({ RETENTION_DAYS_GEOPOLITICAL: '31' })
    await runWith([{ title: TALKS, at: AT }])
    const later = AT + 31 * DAY_MS - MINUTE_MS
    await runWith([{ title: STRIKE, at: later }], later)

    const before = await page('?days=60')
    clock.advance(2 * MINUTE_MS)

    expect(before.data).toHaveLength(2)
    expect((await page('?days=60')).data.map(({ title }) => title)).toEqual([STRIKE])
  })
})

describe('articles', () => {
  it('that are removed or outside of the window are dropped and counted', async () => {
    const { runWith, page } = geoEventsHarness()

    await runWith([
      { title: TALKS, at: AT },
      { title: '[Removed]', at: AT },
      { title: STRIKE, at: NOON - 26 * HOUR_MS },
      { title: '...', at: AT },
    ])

    const { data, meta } = await page()
    expect(data.map(({ title }) => title)).toEqual([TALKS])
    expect(meta.counts).toEqual({ articles: 1, new_events: 1, merged: 0, skipped: 3, lost: 0 })
  })

  it('that cannot be used make the run partial, and are counted', async () => {
    const { runWith, page, lines } = geoEventsHarness()

    const run = await runWith([...articles(3), { title: '', at: AT }])

    expect(run.status).toBe('partial')
    expect((await page()).meta.counts.lost).toBe(1)
    expect(lines).toContainEqual(
      expect.objectContaining({
        message: expect.stringMatching(/^Job 'fetch_geopolitical' success in \d+\.\d\ds$/),
        articles: 3,
        new_events: 3,
        lost: 1,
      }),
    )
  })
})

describe('an answer without articles (4.3)', () => {
  it('is no success of the feed: the last success and the events stay', async () => {
    const { runWith, page, feed } = geoEventsHarness()
    await runWith(articles(240))
    const before = await feed()

    const run = await runWith([], NOON + 4 * HOUR_MS)

    expect(run.status).toBe('partial')
    const { data, meta } = await page('?limit=500')
    expect(data).toHaveLength(before.days.reduce((sum, { events }) => sum + events, 0))
    expect(meta).toMatchObject({
      degraded: true,
      degraded_reasons: ['implausible_empty'],
      last_success: '2026-11-20T12:00:00Z',
      covered_from: before.covered_from,
      as_of: '2026-11-20T11:00:00Z',
      counts: { articles: 0, new_events: 0 },
    })
    expect((await feed()).days).toEqual(before.days)
  })

  it('is no success either if all of its articles are older than the window', async () => {
    const { runWith, feed } = geoEventsHarness()
    await runWith(articles(3))

    await runWith(articles(3), NOON + 2 * DAY_MS)

    expect(await feed()).toMatchObject({
      last_success: '2026-11-20T12:00:00Z',
      degraded_reasons: ['implausible_empty'],
    })
  })

  it('is rejected while nothing is stored', async () => {
    const { runWith, get, path } = geoEventsHarness()

    expect(await runWith([])).toMatchObject({ status: 'failed', reason: 'rejected' })
    expect((await get(path)).status).toBe(503)
  })

  it('is forgotten with the next one that has some', async () => {
    const { runWith, page } = geoEventsHarness()
    await runWith(articles(2))
    await runWith([], NOON + 4 * HOUR_MS)
    await runWith(articles(2, NOON + 7 * HOUR_MS), NOON + 8 * HOUR_MS)

    expect((await page()).meta).toMatchObject({
      degraded: false,
      degraded_reasons: [],
      last_success: '2026-11-20T20:00:00Z',
    })
  })
})

describe('the coverage of the feed (4.4)', () => {
  it('begins with the oldest article of a truncated answer', async () => {
    const { runWith, page } = geoEventsHarness()

    await runWith(articles(250).map((article, index) => ({ ...article, at: AT - index * 15_000 })))

    expect((await page()).meta).toMatchObject({ truncated: true, covered_from: '2026-11-20T09:57:45Z' })
  })

  it('begins with the window of an answer that has all articles', async () => {
    const { runWith, page, calls } = geoEventsHarness()

    await runWith(articles(5))

    expect((await page()).meta).toMatchObject({ truncated: false, covered_from: '2026-11-19T12:00:00Z' })
    expect(calls.map(({ url }) => url.searchParams.get('timespan'))).toEqual(['1d'])
  })

  it('has the days since the oldest event, at most 30', async () => {
    const { runWith, feed } = geoEventsHarness()
    const coverage: number[] = []
    for (const days of [0, 1, 7, 29, 31, 50]) {
      const at = NOON + days * DAY_MS
      await runWith(
        articles(3, at - HOUR_MS).map((article) => ({
          ...article,
          title: `${article.title} ${days} x${days}`,
        })),
        at,
      )
      coverage.push((await feed()).coverage_days)
    }

    // the sums of 31 days have nothing older after the outage
    expect(coverage).toEqual([0, 1, 7, 29, 30, 21])
  })

  it('is kept in sums of 31 days', async () => {
    const { runWith, feed } = geoEventsHarness()
    for (let day = 0; day < 35; day += 1) {
      const at = NOON + day * DAY_MS
      await runWith([{ title: `war${day} coup${day} alpha${day}`, at: at - HOUR_MS }], at)
    }

    const { days } = await feed()
    expect(days).toHaveLength(31)
    expect(days.map(({ date }) => date)).toEqual(days.map(({ date }) => date).toSorted())
    expect(days.at(-1)?.date).toBe('2026-12-24')
  })
})

it('a slow answer of GDELT is a fault of the provider after 40 s and one try (4.5)', async () => {
  const { tick, respondWith, calls, clock } = geoEventsHarness()
  respondWith(() => 'hang')

  const run = await tick(NOON)

  expect(run).toMatchObject({ status: 'failed', reason: 'timeout' })
  expect(calls).toHaveLength(1)
  expect(clock.now() - NOON).toBeLessThan(60_000)
})

describe('events of NewsAPI', () => {
  it('are classified by the text of their descriptions, without markup (5.1)', async () => {
    const { tick, respondWith, page } = geoEventsHarness(NEWS_API)
    const description = '<a href="https://x.test/war-room">Recipes</a> for &amp; with friends'
    respondWith(() => ({
      status: 200,
      body: newsApiBody([{ title: 'Cooking at home', at: AT, description }]),
    }))

    await tick(NOON)

    const { data, meta } = await page()
    expect(data).toMatchObject([{ category: 'OTHER', description: 'Recipes for & with friends' }])
    expect(meta.notice).toBe('News by NewsAPI.org')
  })

  it('count without an address that leads to a consent page, once (5.2)', async () => {
    const { tick, respondWith, page } = geoEventsHarness(NEWS_API)
    const url = 'https://consent.news.test/m?continue=https://news.test/a'
    respondWith(() => ({ status: 200, body: newsApiBody([{ title: TALKS, at: AT, url }]) }))

    await tick(NOON)
    await tick(NOON + 4 * HOUR_MS)

    expect((await page()).data).toMatchObject([{ title: TALKS, news_url: null, sources_count: 1 }])
  })

  it.each([
    [40, 1, false],
    [240, 3, false],
    [900, 5, true],
  ])('of %d articles take %d calls; truncated: %s (5.3)', async (count, calls, truncated) => {
    const harness = geoEventsHarness(NEWS_API)
    const all = articles(count).map((article, index) => ({ ...article, at: AT - index * MINUTE_MS }))
    harness.respondWith(({ url }) => {
      const page = Number(url.searchParams.get('page'))
      return { status: 200, body: newsApiBody(all.slice((page - 1) * 100, page * 100)) }
    })

    await harness.tick(NOON)

    expect(harness.calls).toHaveLength(calls)
    expect(new Set(harness.calls.map(({ url }) => url.searchParams.get('from')))).toEqual(
      new Set(['2026-11-19T12:00:00Z']),
    )
    const { meta } = await harness.page()
    expect(meta).toMatchObject({ truncated, counts: { articles: Math.min(count, 500) } })
  })

  it('are truncated when a later page is refused', async () => {
    const harness = geoEventsHarness(NEWS_API)
    harness.respondWith((_request, call) =>
      call === 1
        ? {
            status: 200,
            body: newsApiBody(articles(100).map((each, index) => ({ ...each, at: AT - index }))),
          }
        : { status: 426, body: { status: 'error', code: 'maximumResultsReached', message: 'too many' } },
    )

    await harness.tick(NOON)

    expect((await harness.page()).meta).toMatchObject({ truncated: true, counts: { articles: 100 } })
  })
})

describe('the job', () => {
  it('is off only without the scheduler, and for a selected provider that lacks its settings', () => {
    expect(resolveJob(job, {}).off).toBeUndefined()
    expect(resolveJob(job, {}).upstreams).toEqual(['gdelt'])
    expect(resolveJob(job, NEWS_API)).toMatchObject({ upstreams: ['news-api'] })
    expect(resolveJob(job, NEWS_API).off).toBeUndefined()
    expect(resolveJob(job, { EVENTS_PROVIDER: 'newsapi' }).off).toBe('NEWS_API_PLAN is developer')
    expect(resolveJob(job, { ENABLE_SCHEDULER: 'false' }).off).toBe('ENABLE_SCHEDULER is false')
  })

  it('keeps events for at least 31 days', () => {
    expect(resolveJob(job, {}).history).toEqual({ events: 60 * DAY_MS })
    expect(() => resolveJob(job, { RETENTION_DAYS_GEOPOLITICAL: '30' })).toThrow(/31/)
  })

  it('logs that GDELT rejected the query', async () => {
    const { tick, respondWith, lines } = geoEventsHarness()
    respondWith(() => ({ status: 200, body: 'Your query was too short or too long.' }))

    await tick(NOON)

    expect(lines.map(({ message }) => message).join('\n')).toContain('bad-request')
  })
})
