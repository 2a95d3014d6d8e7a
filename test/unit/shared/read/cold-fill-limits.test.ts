import { describe, expect, it } from 'vitest'
import { resolveJob } from '#shared/declare/job.ts'
import { projectRoute, projectsJob, projectsWorld, projectViews } from '#test/fakes/jobs/keyed-projects.ts'
import { jsonOf, reader } from '#test/fakes/world/clients.ts'

const MINUTE = 60_000
const LIMIT = { coldFillsPerMinute: 3 }

/** The paths of projects 1 to `count`. */
const paths = (kind: string, count: number) =>
  Array.from({ length: count }, (_, index) => `/test/projects/${index + 1}/${kind}`)

/** Readers of two jobs of one provider, of which the provider has nothing. */
function readers(ofTopics: object = LIMIT) {
  const world = projectsWorld('info', [], { change: LIMIT })
  const topics = resolveJob(projectsJob('topics', ofTopics), {})
  return { world, ...reader(world, { views: projectViews, jobs: [topics] }) }
}

describe('the limit of cold fills that a job declares', () => {
  it('counts the fills of all jobs of its provider, and answers 429 with Retry-After in a view', async () => {
    const { get, world } = readers()

    const filled = await Promise.all([...paths('info', 2), ...paths('topics', 1)].map((path) => get(path)))
    const limited = await get('/test/projects/9/topics')

    expect(filled.map(({ statusCode }) => statusCode)).toEqual([503, 503, 503])
    expect([limited.statusCode, limited.headers['retry-after']]).toEqual([429, '52'])
    expect(jsonOf(limited)).toMatchObject({ code: 429, data: null })
    expect(world.events).toHaveLength(3)
  })

  it('ends after a minute', async () => {
    const { get, world } = readers()
    await Promise.all(paths('info', 3).map((path) => get(path)))
    world.clock.advance(MINUTE)

    expect((await get('/test/projects/9/info')).statusCode).toBe(503)
  })

  it('does not bind other jobs of the provider that declare none', async () => {
    const { get } = readers({})
    await Promise.all(paths('info', 3).map((path) => get(path)))

    const results = await Promise.all([...paths('topics', 4), ...paths('info', 4)].map((path) => get(path)))

    expect(results.map(({ statusCode }) => statusCode)).toEqual([503, 503, 503, 503, 429, 429, 429, 429])
  })

  it('does not count readers who wait for the same key', async () => {
    const { get } = readers()

    const results = await Promise.all(Array.from({ length: 5 }, () => get('/test/projects/1/info')))

    expect(results.map(({ statusCode }) => statusCode)).toEqual([503, 503, 503, 503, 503])
  })

  it('does not count readers of a key of which it is stored that the source does not have it', async () => {
    const { get, world, deliver } = readers()
    const first = get('/test/projects/999/info')
    await new Promise(setImmediate)
    await deliver()

    const results = [
      await first,
      ...(await Promise.all(Array.from({ length: 5 }, () => get('/test/projects/999/info')))),
    ]

    expect(results.map(({ statusCode }) => statusCode)).toEqual([404, 404, 404, 404, 404, 404])
    expect(world.calls).toHaveLength(1)
  })
})

describe('the declaration of the limit', () => {
  const declared = (change: object) => () => projectsJob('info', change)

  it.each([
    [{ coldFillsPerMinute: 31 }, 'coldFillsPerMinute: expected a whole number of 1 to 30, got 31'],
    [{ coldFillsPerMinute: 0 }, 'coldFillsPerMinute: expected a whole number of 1 to 30, got 0'],
    [
      { ...LIMIT, upstream: [], inputs: ['other'] },
      'coldFillsPerMinute: expected only with an upstream, got it without',
    ],
    [
      {
        ...LIMIT,
        keys: undefined,
        reads: [
          projectRoute('info', {
            path: '/x',
            parameters: {},
            key: 'all',
            view: undefined as never,
            cold: 'refuse',
          }),
        ],
      },
      "coldFillsPerMinute: expected only with a view or a read with cold: 'wait', got it without",
    ],
  ])('is refused where it has no effect: %j', (change, message) => {
    expect(declared(change)).toThrow(message)
  })
})
