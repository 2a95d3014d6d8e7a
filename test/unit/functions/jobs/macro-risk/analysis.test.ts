import { describe, expect, it } from 'vitest'
import { schemas } from '#functions/jobs/macro-risk/schema.ts'
import { SUMMARIES_ON } from '#test/fakes/jobs/ai-summaries.ts'
import { riskWorld } from '#test/fakes/jobs/macro-risk.ts'

const SECOND = 1_000
const HOUR = 3_600 * SECOND
const NOW = Date.UTC(2026, 10, 24, 17, 20)
const schema = schemas['/api/v1/macro/risk/overview']

/** A world with a stored risk of 76. */
async function storedRisk(settings: Readonly<Record<string, string>> = SUMMARIES_ON) {
  const world = riskWorld(NOW, settings)
  await world.indicators()
  await world.refreshAll()
  return world
}

describe('the analysis of the macro risk', () => {
  it.each([{}, { days: '2' }])('is the summary of the same figures, with the query %j', async (query) => {
    const world = await storedRisk()
    await world.summary('The score is 76.')

    const { status, body } = await world.overview(query)

    expect([status, schema.safeParse(body).error]).toEqual([200, undefined])
    expect(body.ai_analysis).toEqual({
      text: 'The score is 76.',
      generated: true,
      model: 'small-model',
      as_of: body.meta.as_of,
    })
  })

  it('is null when the figures have changed since', async () => {
    const world = await storedRisk()
    await world.summary('The score is 76.')
    world.clock.advance(HOUR)
    await world.indicator('VIXCLS', 40)
    await world.refreshAll()

    expect((await world.overview()).body.ai_analysis).toBeNull()
  })

  it('stays while a later run computes the same figures', async () => {
    const world = await storedRisk()
    await world.summary('The score is 76.')
    world.clock.advance(HOUR)
    // the trend is none yet
    await world.refreshAll()

    expect((await world.overview()).body.ai_analysis).toMatchObject({ text: 'The score is 76.' })
  })

  it('is null once the summary is gone, and without one', async () => {
    const world = await storedRisk()
    expect((await world.overview()).body.ai_analysis).toBeNull()
    await world.summary('The score is 76.', { staleUntil: NOW + HOUR })
    world.clock.advance(HOUR - SECOND)
    expect((await world.overview()).body.ai_analysis).not.toBeNull()

    world.clock.advance(2 * SECOND)

    expect((await world.overview()).body.ai_analysis).toBeNull()
  })

  it('is null while summaries are off, even if one is stored', async () => {
    const world = await storedRisk({})
    await world.summary('The score is 76.')

    expect((await world.overview()).body.ai_analysis).toBeNull()
  })

  it('leaves the freshness of the risk as it is, and requests no refresh', async () => {
    const world = await storedRisk()
    const { headers: before } = await world.overview()
    await world.summary('The score is 76.', { freshUntil: NOW - HOUR, checkedAt: NOW - 2 * HOUR })
    world.events.length = 0

    const { headers } = await world.overview()

    for (const name of ['age', 'x-cache', 'cache-control']) expect(headers[name]).toBe(before[name])
    expect(world.events).toEqual([])
  })

  it('changes the entity tag and the time of the last change when it comes', async () => {
    const world = await storedRisk()
    const { headers: before } = await world.overview()
    world.clock.advance(10 * SECOND)
    await world.summary('The score is 76.')

    const { headers } = await world.overview()

    expect(headers['etag']).not.toBe(before['etag'])
    expect(headers['last-modified']).toBe(new Date(NOW + 10 * SECOND).toUTCString())
  })

  it('makes the response simulated when it is', async () => {
    const world = await storedRisk()
    await world.summary('The score is 76.', { dataSource: 'simulated' })

    expect((await world.overview()).headers['x-data-source']).toBe('simulated')
    expect((await world.overview({ days: '1' })).headers['x-data-source']).toBe('simulated')
  })

  it('is null while the table cannot read it: the risk is served all the same', async () => {
    const world = await storedRisk()
    await world.summary('The score is 76.')
    const { items } = world.store
    const get = items.get.bind(items)
    items.get = async (job, ...more) => {
      if (job === 'ai-summaries') throw new Error('the table is down')
      return get(job, ...more)
    }

    const { status, body } = await world.overview()

    expect([status, body.overall_risk.score, body.ai_analysis]).toEqual([200, 76, null])
    expect(world.lines).toContainEqual(expect.objectContaining({ level: 'WARN' }))
  })
})
