import { describe, expect, it } from 'vitest'
import { job as summaries } from '#functions/jobs/ai-summaries/job.ts'
import { jobs as declarations } from '#functions/jobs/declared.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { globalBody, globalMarketWorld, TICK } from '#test/fakes/jobs/global-market.ts'
import { priceBody, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'
import { withCallNames } from '#test/fakes/store/call-names.ts'
import { T0 } from '#test/fakes/store/samples.ts'
import { operator } from '#test/fakes/world/clients.ts'

const MINUTE = 60_000
const EXPLAIN = '/v1/jobs/global-market/explain'

describe('GET /v1/jobs/{id}/explain', () => {
  it('says in two sentences why the data are old and what comes next, with figures and their links', async () => {
    const world = globalMarketWorld()
    world.script(() => ({ status: 200, body: globalBody() }))
    await world.tick(TICK)
    world.script(() => ({ status: 429, body: 'slow down', headers: { 'retry-after': '3600' } }))
    const run = await world.tick(TICK + 30 * MINUTE)
    world.clock.advance(MINUTE)

    const { status, headers, body } = await operator(world).get(EXPLAIN)

    expect(status).toBe(200)
    expect(headers['cache-control']).toBe('no-store')
    expect(body).toMatchObject({
      job: 'global-market',
      key: null,
      state: 'stale',
      cause: {
        code: 'cool-down',
        text: expect.stringMatching(
          /^CoinGecko is in a cool-down since .* because of an answer \(rate-limited\): .*429/,
        ),
      },
      next: {
        code: 'tick',
        at: expect.any(String),
        text: expect.stringMatching(/^CoinGecko may be called again at /),
      },
      inputs: [],
    })
    expect(Date.parse(body.next.at)).toBeGreaterThan(run.startedAt + 50 * MINUTE)
    expect(body.facts).toContainEqual({
      name: 'last_run',
      value: expect.stringMatching(/^failed \(rate-limited\) at /),
      link: `/v1/runs/${run.id}`,
    })
  })

  it('shows operators who has paused the job, and why', async () => {
    const world = globalMarketWorld()
    const { get, post } = operator(world)
    const until = new Date(world.clock.now() + 60 * MINUTE).toISOString()
    await post('/v1/jobs/global-market/pause', { until, reason: 'repairs' })

    const { body } = await get(EXPLAIN)

    expect(body.cause).toEqual({
      code: 'paused',
      text: `The job is paused until ${until.slice(0, 19)}Z: by operator: repairs`,
    })
  })

  it('explains one key by its own times and by the runs that lost it', async () => {
    const [good = '', bad = ''] = symbolNames(2)
    const world = pricesWorld('items', [good, bad], T0)
    world.script(({ url }) => ({ status: 200, body: priceBody(url, 1, world.clock.now()) }))
    await world.tick(T0 + MINUTE)
    world.script(({ url }) =>
      url.searchParams.get('symbol') === bad
        ? { status: 404, body: '{}' }
        : { status: 200, body: priceBody(url, 2, world.clock.now()) },
    )
    await world.tick(T0 + 12 * MINUTE)
    const { get } = operator(world)

    const fresh = await get(`/v1/jobs/prices-items/explain?key=${good}`)
    const stale = await get(`/v1/jobs/prices-items/explain?key=${bad}`)
    const other = await get('/v1/jobs/prices-items/explain?key=XYZ')

    expect(fresh.body).toMatchObject({ key: good, state: 'fresh', cause: { code: 'fresh' } })
    expect(stale.body).toMatchObject({ key: bad, state: 'stale', cause: { code: 'key-failed' } })
    expect(other.body).toMatchObject({ key: 'XYZ', state: 'never', cause: { code: 'key-not-refreshed' } })
  })

  it.each([
    ['/v1/jobs/unknown/explain', 404, 'No job is named "unknown"'],
    [`${EXPLAIN}?key=${'x'.repeat(300)}`, 400, 'key: expected one that a route of global-market reads'],
    [`${EXPLAIN}?since=now`, 400, 'expected query parameters of key only, got "since"'],
  ])('%s is answered with %i', async (target, status, detail) => {
    const response = await operator(globalMarketWorld()).get(target)

    expect(response.status).toBe(status)
    expect(response.body.detail).toContain(detail)
  })

  it('refuses a key of a job that is stored as one set', async () => {
    const response = await operator(pricesWorld('snapshot', symbolNames(1), T0)).get(
      '/v1/jobs/prices-snapshot/explain?key=S000',
    )

    expect(response.status).toBe(400)
    expect(response.body.detail).toContain('key: expected none')
  })

  it('reads the table at most six times, whatever the job: calls of the store, where a list of runs is two queries', async () => {
    const calls: string[] = []
    const world = globalMarketWorld()
    const others = declarations.filter(({ id }) => id !== 'global-market').map((one) => resolveJob(one, {}))
    const { get } = operator(world, { store: withCallNames(world.store, calls) }, others)
    const inputs = await inputsOf(summaries.id, get)
    calls.length = 0

    const counts = new Map<string, number>()
    for (const job of [...others.map(({ id }) => id), 'global-market']) {
      calls.length = 0
      await get(`/v1/jobs/${job}/explain`)
      counts.set(job, requestsOf(calls))
    }
    calls.length = 0
    await get('/v1/jobs/technical/explain?key=AAPL')

    expect(inputs).toEqual(['fundamental', 'macro-risk', 'position-scores', 'technical'])
    expect(Math.max(...counts.values())).toBeLessThanOrEqual(6)
    expect(Math.min(...counts.values())).toBeGreaterThanOrEqual(3)
    expect(requestsOf(calls)).toBeLessThanOrEqual(6)
  })
})

async function inputsOf(job: string, get: ReturnType<typeof operator>['get']): Promise<string[]> {
  const { body } = await get(`/v1/jobs/${job}/explain`)
  return body.inputs.map((input: { job: string }) => input.job).sort()
}

/** Ticks and other runs are ranges of their own. */
function requestsOf(calls: readonly string[]): number {
  return calls.length + calls.filter((name) => name === 'runs.list').length
}
