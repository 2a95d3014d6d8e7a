import { describe, expect, it } from 'vitest'
import { decompress } from '#shared/domain/codec.ts'
import {
  AFTERNOON,
  CHECK_IN_JOBS,
  checkInsWorld,
  failure,
  member,
  rankings,
  success,
  TOKEN,
  topics,
} from '#test/fakes/jobs/check-ins.ts'
import type { Reply } from '#test/fakes/world/world.ts'

const HOUR = 3_600_000

/** What no line, record and event may have: the token, names, aliases, addresses of images, what members write. */
const PERSONAL = new RegExp(`${TOKEN}|Name-|Alias-|Avatar-|images\\.test|Text \\d|Bent`)

/** Names, an alias, an image and the token, as one value that stands where another is expected. */
const BENT = `Bent Name-7 Alias-7 https://images.test/Avatar-7?e=1&token=${TOKEN}`

type World = ReturnType<typeof checkInsWorld>

/** All that is written except the stored items, which are the data themselves. */
function outputs({ lines, events, store: { memory } }: World): string {
  const { items: _items, ...records } = memory
  return JSON.stringify({ lines, events, ...records }, (_, value) =>
    value instanceof Map ? [...value] : value instanceof Error ? `${value.stack}` : value,
  )
}

/** One good body of each kind of data, with data of members in all of them. */
const GOOD: Readonly<Record<string, unknown>> = {
  list: { checkins: [{ checkin_id: 11, title: 'T', owner: member(1), joined_users: [member(2)] }] },
  detail: { checkin: { checkin_id: 11, title: 'T', owner: member(1), joined_count: 3 } },
  statistics: { statistics: { joined_count: 3, checkined_count: 2, ranking_list: [member(3)] } },
  daily: { checkined_count: 3, users: [member(4)] },
  ranking_list: rankings(2),
  topics: topics(2),
}

/** The job that reads such a body, besides that of the projects. */
const READER: Readonly<Record<string, (typeof CHECK_IN_JOBS)[number]>> = {
  statistics: 'check-in-stats',
  daily: 'check-in-daily-stats',
  ranking_list: 'check-in-leaderboards',
  topics: 'check-in-topics',
}

/** The paths of all values of a body, those of lists and objects too. */
function paths(value: unknown, at: readonly string[] = []): readonly (readonly string[])[] {
  const inner =
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, each]) => paths(each, [...at, name]))
      : []
  return at.length === 0 ? inner : [at, ...inner]
}

function replaced(value: unknown, [name, ...rest]: readonly string[], by: unknown): unknown {
  if (name === undefined) return by
  if (Array.isArray(value))
    return value.map((each, at) => (String(at) === name ? replaced(each, rest, by) : each))
  const object = value as Record<string, unknown>
  return { ...object, [name]: replaced(object[name], rest, by) }
}

/** Values that stand in the place of others: as a text, as an object with such members and values, as a list. */
const INTRUDERS = [BENT, { [BENT]: BENT }, [BENT, { user_id: BENT }]]

/** Runs all jobs, and reads everything; the provider answers as stated. */
async function runAll(world: World, at: number) {
  for (const id of CHECK_IN_JOBS) await world.tickJob(id, Math.max(at, Math.ceil(world.clock.now())))
  const read = world.newReader()
  for (const target of ['', '/11', '/11/stats', '/11/daily-stats', '/11/leaderboard', '/11/topics'])
    await read(`/api/projects${target}`)
}

describe('no log line, record or event has the token or data of a member (row 20)', () => {
  it('of runs that succeed', async () => {
    const world = checkInsWorld({ projects: ['11'] })
    world.answerWith(({ kind, id }) => (id === '' ? undefined : success(GOOD[kind])))

    await runAll(world, AFTERNOON)

    const bodies = [...world.store.memory.items.values()].map(({ body }) => decompress(body).toString('utf8'))
    expect(bodies.join()).toMatch(/Name-1.*Avatar-1|Avatar-1.*Name-1/)
    expect(outputs(world)).not.toMatch(PERSONAL)
  })

  it.each<[string, Reply]>([
    ['HTML', { status: 200, body: `<html>${BENT}</html>` }],
    [
      'half a body',
      { status: 200, body: JSON.stringify({ succeeded: true, resp_data: { topics: [BENT] } }).slice(0, -9) },
    ],
    ['a list', { status: 200, body: [member(1), BENT] }],
    ['no outcome', { status: 200, body: { resp_data: topics(1), [BENT]: BENT } }],
    ['an unknown code', { status: 200, body: { succeeded: false, code: 77, info: BENT, error: BENT } }],
    ['a code that is a text', { status: 200, body: { succeeded: false, code: BENT, error: { code: BENT } } }],
    ['a refusal', { status: 200, body: { succeeded: false, code: 1059, info: BENT, resp_data: topics(1) } }],
    ['an unknown project', { status: 404, body: { succeeded: false, code: 404, info: BENT } }],
    ['status 400', { status: 400, body: BENT }],
    ['status 401', { status: 401, body: { succeeded: false, info: BENT } }],
    ['status 403', { status: 403, body: BENT }],
    ['status 429', { status: 429, body: BENT, headers: { 'retry-after': BENT } }],
    ['status 500', { status: 500, body: { error: BENT } }],
    ['a redirect', { status: 302, body: '', headers: { location: `https://images.test/${BENT}` } }],
  ])('of answers that are %s', async (_, reply) => {
    const world = checkInsWorld({ projects: ['11'] })
    await runAll(world, AFTERNOON)
    world.answerWith(() => reply)

    await runAll(world, AFTERNOON + 3 * HOUR)

    expect(outputs(world)).not.toMatch(PERSONAL)
  })

  it.each(Object.keys(GOOD))('of an answer of the kind %s that is bent in any place', async (bent) => {
    for (const intruder of INTRUDERS) {
      for (const path of paths(GOOD[bent])) {
        const world = checkInsWorld({ projects: ['11'] })
        world.answerWith(({ kind }) =>
          success(kind === bent ? replaced(GOOD[kind], path, intruder) : GOOD[kind]),
        )

        await world.tickJob('check-in-projects')
        const job = READER[bent]
        if (job) await world.tickJob(job)

        const match = PERSONAL.exec(outputs(world))
        expect([path.join('.'), match?.[0]]).toEqual([path.join('.'), undefined])
      }
    }
  })

  it('of a connection that is reset, or does not answer', async () => {
    const world = checkInsWorld({ projects: ['11'] })
    await runAll(world, AFTERNOON)
    let calls = 0
    world.answerWith(() => {
      calls += 1
      return calls % 2 === 0 ? 'hang' : 'reset'
    })

    await runAll(world, AFTERNOON + 3 * HOUR)

    expect(outputs(world)).not.toMatch(PERSONAL)
  })

  it('in rejected bodies, which are not stored at all', async () => {
    const world = checkInsWorld({ projects: ['11'] })
    await world.tickJob('check-in-projects')
    world.answerWith(() => success({ topics: BENT }))

    const run = await world.tickJob('check-in-topics')

    expect(run).toMatchObject({ status: 'failed', reason: 'malformed' })
    expect(world.store.memory.rejected.size).toBe(0)
    expect((await world.operators.get('/v1/jobs/check-in-topics/rejected')).text).not.toMatch(PERSONAL)
  })
})

describe('the token', () => {
  it('is sent in its header only, with an id of the request', async () => {
    const world = checkInsWorld()
    await world.tickJob('check-in-projects')

    const [first, second] = world.calls
    expect(first?.headers).toMatchObject({
      authorization: TOKEN,
      'x-request-id': expect.stringMatching(
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
    })
    expect(first?.headers?.['x-request-id']).not.toBe(second?.headers?.['x-request-id'])
    expect(first?.url.href).not.toContain(TOKEN)
  })

  it('that is missing fails the run without a call, and names the parameter only', async () => {
    const world = checkInsWorld({ settings: { CHECKINS_TOKEN_PARAMETER: '/test/none' } })

    const run = await world.tickJob('check-in-projects')

    expect([run.status, run.reason, world.calls]).toEqual(['failed', 'secret', []])
  })

  it('that the provider refuses is in no text', async () => {
    const world = checkInsWorld()
    world.answerWith(() => failure(1005))
    await world.tickJob('check-in-projects')

    expect(outputs(world)).not.toMatch(PERSONAL)
  })
})
