import { describe, expect, it } from 'vitest'
import { job as funding } from '#functions/jobs/funding-rates/job.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { AT, globalMarketWorld } from '#test/fakes/jobs/global-market.ts'
import { operator } from '#test/fakes/world/clients.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const iso = (at: number) => new Date(at).toISOString()
const TO = iso(AT + HOUR)

describe('the ticks of a range', () => {
  it('are those of every job in the order of time, of the next 24 hours by default', async () => {
    const { get } = operator(globalMarketWorld(), {}, [resolveJob(funding, {})])

    const day = (await get('/v1/ticks')).body
    const hour = (await get(`/v1/ticks?to=${TO}&job=global_market`)).body

    const times = day.ticks.map(({ tick }: { tick: string }) => tick)
    expect(times).toEqual([...times].sort())
    expect(new Set(day.ticks.map(({ job }: { job: string }) => job))).toEqual(
      new Set(['funding-rates', 'global-market']),
    )
    expect(Date.parse(day.to) - Date.parse(day.from)).toBe(24 * HOUR)
    expect(hour).toEqual({
      from: iso(AT),
      to: TO,
      ticks: ['07:43', '07:53', '08:03', '08:13', '08:23', '08:33'].map((time) => ({
        job: 'global-market',
        zone: 'UTC',
        tick: `2025-10-11T${time}:00.000Z`,
        skipped: null,
      })),
      without_ticks: [],
    })
  })

  it('begin with their first moment', async () => {
    const tick = '2025-10-11T09:03:00.000Z'

    const { body } = await operator(globalMarketWorld()).get(`/v1/ticks?from=${tick}&to=${tick}`)

    expect(body.ticks.map((due: { tick: string }) => due.tick)).toEqual([tick])
  })

  it('name the pause and the skip that prevent them', async () => {
    const { get, post } = operator(globalMarketWorld())
    await post('/v1/jobs/global-market/pause', { for: '20 minutes', reason: 'maintenance' })
    await post('/v1/jobs/global-market/skip', { tick: '2025-10-11T08:13:00.000Z', reason: 'x' })

    const { body } = await get(`/v1/ticks?to=${TO}`)

    expect(body.ticks.map(({ skipped }: { skipped: string | null }) => skipped)).toEqual([
      'paused',
      'paused',
      null,
      'skipped-by-operator',
      null,
      null,
    ])
  })

  it('of a rarer interval are the same, however far the range begins from now', async () => {
    const { get, put } = operator(globalMarketWorld())
    await put('/v1/jobs/global-market/overrides', { every: '30 minutes' })
    const runs = async (from: number) =>
      (await get(`/v1/ticks?from=${iso(from)}&to=${iso(AT + 6 * HOUR)}`)).body.ticks
        .filter(({ skipped }: { skipped: unknown }) => skipped === null)
        .map(({ tick }: { tick: string }) => tick)

    const all = await runs(AT)
    const later = await runs(AT + 4 * HOUR)

    expect(all.slice(0, 3).map((tick: string) => tick.slice(11, 16))).toEqual(['07:43', '08:03', '08:33'])
    expect(later).toEqual(all.filter((tick: string) => tick >= iso(AT + 4 * HOUR)))
  })

  it('leave out a job that is off, with the reason', async () => {
    const { get } = operator(globalMarketWorld({ GLOBAL_STATS_ENABLED: 'false' }))

    expect((await get('/v1/ticks')).body).toMatchObject({
      ticks: [],
      without_ticks: [{ job: 'global-market', reason: 'off: GLOBAL_STATS_ENABLED is false' }],
    })
  })

  it.each([
    [`from=${iso(AT - MINUTE)}`, /^from: expected a time from .*past ticks are among the runs/],
    [`to=${iso(AT + 367 * 24 * HOUR)}`, /^to: expected a time from .* to .*, got/],
    [`from=${TO}&to=${iso(AT)}`, /^to: expected a time from/],
    ['to=tomorrow', /^to: expected an ISO time in UTC, got/],
    ['limit=1', /^expected query parameters of from, to, job only/],
  ])('are refused for %s', async (query, message) => {
    const { status, body } = await operator(globalMarketWorld()).get(`/v1/ticks?${query}`)

    expect([status, body.detail]).toEqual([400, expect.stringMatching(message)])
  })

  it('are refused when there are more than 5000', async () => {
    const jobs = Array.from({ length: 3 }, (_, index) => ({
      ...resolveJob(funding, {}),
      id: `job-${index}`,
      schedule: { expression: 'cron(* * * * ? *)', zone: 'UTC' },
    }))

    const { status, body } = await operator(globalMarketWorld(), {}, jobs).get(
      `/v1/ticks?to=${iso(AT + 30 * 24 * HOUR)}`,
    )

    expect([status, body.detail]).toEqual([
      400,
      expect.stringMatching(/^expected a range with at most 5000 ticks/),
    ])
  })
})
