import { describe, expect, it } from 'vitest'
import { every } from '#shared/declare/schedule.ts'
import { count } from '#shared/declare/settings.ts'
import { priceBody, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'
import { operator } from '#test/fakes/world/clients.ts'

const MINUTE = 60_000
/** A tick of the job's schedule: every five minutes, a minute past. */
const FIRST = Date.UTC(2026, 10, 20, 12, 1)
const BOTH = ['interval', 'items'] as const
const JOB = '/v1/jobs/prices-items'

function prices(stored: 'items' | 'snapshot' = 'items', change: object = { overridable: BOTH }) {
  const world = pricesWorld(stored, symbolNames(3), FIRST, { change })
  world.script(({ url }) => ({ status: 200, body: priceBody(url, world.clock.now(), world.clock.now()) }))
  return world
}

describe('a skip', () => {
  it('skips one tick and no other', async () => {
    const world = prices()
    const { get, post, audits } = operator(world)
    const tick = new Date(FIRST + 10 * MINUTE).toISOString()

    const answer = await post(`${JOB}/skip`, { tick, reason: 'maintenance' })
    const view = await get(JOB)
    const outcomes = [1, 2, 3].map((index) => () => world.tick(FIRST + index * 5 * MINUTE))
    const runs = []
    for (const run of outcomes) runs.push(await run())

    expect(answer).toMatchObject({
      status: 200,
      body: { control: { skip: { tick, reason: 'maintenance', by: 'operator' } } },
    })
    expect(view.body.next_runs.map(({ skipped }: { skipped: string }) => skipped)).toEqual([
      null,
      'skipped-by-operator',
      null,
      null,
      null,
    ])
    expect(runs.map(({ status, reason }) => reason ?? status)).toEqual([
      'succeeded',
      'skipped-by-operator',
      'succeeded',
    ])
    expect(audits().map(({ action }) => action)).toEqual(['skip'])
  })

  it.each([
    ['the past', FIRST - 5 * MINUTE],
    ['no tick', FIRST + 6 * MINUTE],
    ['far away', FIRST + 51 * 5 * MINUTE],
  ])('is rejected for %s, with some of the next ticks', async (_what, at) => {
    const world = prices()

    const answer = await operator(world).post(`${JOB}/skip`, {
      tick: new Date(at).toISOString(),
      reason: 'x',
    })

    expect(answer.status).toBe(400)
    expect(answer.body.detail).toMatch(
      /^tick: expected one of the next 50 of prices-items \(2026-11-20T12:06:00.000Z, .*, …\), got /,
    )
    expect(world.store.memory.audits).toEqual([])
  })
})

describe('an override', () => {
  it('of interval and items applies from the next run on, and an empty one clears it', async () => {
    const world = prices()
    const { get, put, audits } = operator(world)

    const answer = await put(`${JOB}/overrides`, { every: '15 minutes', items: ['S001'] })
    const outcomes = []
    for (let index = 1; index <= 3; index += 1) outcomes.push(await world.tick(FIRST + index * 5 * MINUTE))
    const view = await get(JOB)
    const cleared = await put(`${JOB}/overrides`, {})
    outcomes.push(await world.tick(FIRST + 20 * MINUTE), await world.tick(FIRST + 25 * MINUTE))

    const overrides = { every: '15 minutes', items: ['S001'], settings: null }
    expect(answer).toMatchObject({ status: 200, body: { job: 'prices-items', control: { overrides } } })
    expect(outcomes.map(({ status, reason }) => reason ?? status)).toEqual([
      'succeeded',
      'skipped-by-operator',
      'succeeded',
      'succeeded',
      'succeeded',
    ])
    expect(outcomes[0]?.counts?.planned).toBe(1)
    expect(outcomes[4]?.counts?.planned).toBe(3)
    expect(view.body.control.overrides).toEqual(overrides)
    expect(view.body.next_runs.map(({ skipped }: { skipped: string }) => skipped)).toEqual([
      'skipped-by-operator',
      'skipped-by-operator',
      null,
      'skipped-by-operator',
      'skipped-by-operator',
    ])
    expect(cleared.body.control.overrides).toBeNull()
    expect(audits().map(({ action }) => action)).toEqual(['override', 'override'])
  })

  it('is rejected for what the declaration does not allow', async () => {
    const nothing = await operator(prices('items', { overridable: [] })).put(`${JOB}/overrides`, {
      every: '1 hour',
    })
    const some = await operator(prices('items', { overridable: ['items'] })).put(`${JOB}/overrides`, {
      every: '1 hour',
    })

    expect(nothing).toMatchObject({ status: 409 })
    expect(nothing.body.detail).toBe(
      'The declaration of prices-items lets nothing be overridden at run time, not the interval',
    )
    expect(some.body.detail).toBe(
      'The declaration of prices-items lets items be overridden at run time, not the interval',
    )
  })

  it.each([
    [
      { every: '1 minute' },
      /a multiple of 5 minutes.*cannot make a schedule tick more often.*got "1 minute"$/,
    ],
    [{ every: '7 minutes' }, /^every: expected a multiple of 5 minutes/],
    [
      { every: '2 fortnights' },
      /^every: expected a duration such as "30 minutes" or "2 hours", got "2 fortn/,
    ],
    [{ every: '0 minutes' }, /^every: expected a duration/],
    [{ every: 900 }, /^every: expected a duration/],
    [{ every: '9000 days' }, /^every: expected at most .* days|^every: expected at most/],
    [{ items: [] }, /^items: expected a list of 1 to 1000 different keys as text, got \[\]$/],
    [{ items: ['S001', 'S001'] }, /^items: expected/],
    [{ items: 'S001' }, /^items: expected/],
    [{ items: ['s001'] }, /^key: expected one that a route of prices-items reads/],
    [{ hour: 9 }, /^expected no member "hour"$/],
  ])('that is invalid is rejected, and the previous one stays: %j (F43)', async (body, detail) => {
    const world = prices()
    const { get, put, audits } = operator(world)
    await put(`${JOB}/overrides`, { every: '10 minutes' })

    const answer = await put(`${JOB}/overrides`, body)

    expect(answer.status).toBe(400)
    expect(answer.body.detail).toMatch(detail)
    expect((await get(JOB)).body.control.overrides).toEqual({
      every: '10 minutes',
      items: null,
      settings: null,
    })
    expect(audits()).toHaveLength(1)
  })

  it('of settings is shown and requests one run under it, and so does its end', async () => {
    const settings = { LIMIT: count(5, { unit: 'things', min: 1, max: 9, about: 'x' }) }
    const world = prices('items', { settings, overridable: ['interval', 'LIMIT'] })
    const { get, put, audits } = operator(world)

    const answer = await put(`${JOB}/overrides`, { settings: { LIMIT: '7' } })
    const events = world.events.splice(0)
    const view = await get(JOB)
    const cleared = await put(`${JOB}/overrides`, {})
    const again = world.events.splice(0)
    const nothing = await put(`${JOB}/overrides`, {})

    const overrides = { every: null, items: null, settings: { LIMIT: '7' } }
    expect(answer).toMatchObject({ status: 200, body: { control: { overrides } } })
    expect(events).toMatchObject([{ detail: { cause: 'operator', runId: answer.body.run_id } }])
    expect(view.body).toMatchObject({ control: { overrides }, overridable: ['interval', 'LIMIT'] })
    expect(cleared.body.control.overrides).toBeNull()
    expect(again).toMatchObject([{ detail: { runId: cleared.body.run_id } }])
    expect(nothing.body).not.toHaveProperty('run_id')
    expect(audits().map(({ action }) => action)).toEqual(['override', 'trigger', 'override', 'trigger'])
    expect(world.lines.filter(({ action }) => action === 'override').map(({ message }) => message)).toEqual([
      'Overrides replaced: settings LIMIT',
      'Overrides cleared',
    ])
  })

  it.each([
    [{ LIMIT: '10' }, 400, 'settings.LIMIT: expected a whole number, 1 to 9 things, got "10"'],
    [{ LIMIT: 7 }, 400, /^settings: expected an object of settings, each as text of at most 8192 characters/],
    [{ LIMIT: 'x'.repeat(8_193) }, 400, /^settings: expected an object of settings/],
    [['LIMIT'], 400, /^settings: expected an object/],
    [null, 400, /^settings: expected an object/],
    [{ LIMITS: '7' }, 409, /lets LIMIT be overridden at run time, not the LIMITS$/],
    [JSON.parse('{"__proto__": "7"}'), 409, /not the __proto__$/],
  ])('of settings is rejected for %j, and nothing changes', async (settings, status, detail) => {
    const declared = { LIMIT: count(5, { unit: 'things', min: 1, max: 9, about: 'x' }) }
    const world = prices('items', { settings: declared, overridable: ['LIMIT'] })

    const answer = await operator(world).put(`${JOB}/overrides`, { settings })

    expect(answer.status).toBe(status)
    expect(answer.body.detail).toMatch(detail)
    expect(await world.store.controls.get('prices-items')).toEqual({ revision: 0 })
    expect(world.events).toEqual([])
  })

  it('of a set cannot last longer than its members can be served', async () => {
    const world = prices('snapshot')
    const { put } = operator(world)

    const long = await put('/v1/jobs/prices-snapshot/overrides', { every: '6 hours' })
    const most = await put('/v1/jobs/prices-snapshot/overrides', { every: '350 minutes' })

    expect(long.status).toBe(400)
    expect(long.body.detail).toMatch(/^every: expected at most 357 minutes, for which the members/)
    expect(most.status).toBe(200)
  })

  it('uses the most common interval when clocks change within the next ticks', async () => {
    const change = { overridable: BOTH, schedule: every('1 day', { zone: 'Europe/Berlin' }) }
    const world = pricesWorld('items', symbolNames(1), Date.UTC(2027, 2, 20), { change })

    const answer = await operator(world).put(`${JOB}/overrides`, { every: '2 days' })

    expect(answer.status).toBe(200)
  })
})
