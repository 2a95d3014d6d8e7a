import { describe, expect, it } from 'vitest'
import {
  AFTERNOON,
  CHECK_IN_JOBS,
  checkInsWorld,
  failure,
  success,
  topics,
} from '#test/fakes/jobs/check-ins.ts'
import { unreliableStore } from '#test/fakes/store/unreliable-store.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const TOPICS = '/api/projects/11/topics'
const OTHERS = CHECK_IN_JOBS.filter((id) => id !== 'check-in-topics')

/** A world in which every job has published. */
async function published(settings = {}) {
  const world = checkInsWorld({ projects: ['11', '12', '13', '14'], settings })
  for (const id of CHECK_IN_JOBS) await world.tickJob(id)
  world.calls.length = 0
  return world
}

describe('a refusal with code 1059', () => {
  it('is one call, and the stored data are served STALE with 200 (row 10)', async () => {
    const world = await published()
    world.answerWith(({ id }) => (id === '11' ? failure(1059) : undefined))

    const run = await world.tickJob('check-in-topics', AFTERNOON + 15 * MINUTE)

    const read = await world.newReader()(TOPICS)
    const { statistics } = await world.store.states.get('check-in-topics')
    expect(statistics?.responses?.rows[0]).toEqual([8, 0, 1])
    expect(run).toMatchObject({ status: 'partial', counts: { planned: 4, failed: 1 } })
    expect(world.callNames().filter((call) => call === 'topics 11')).toHaveLength(1)
    expect([read.status, read.headers['x-cache'], read.body.data.topics.length]).toEqual([200, 'STALE', 20])
  })

  it('three times in a row, over runs, is a cool-down of 15 minutes for all check-in jobs (row 10)', async () => {
    const world = await published()
    world.answerWith(() => failure(1059))
    const one = { cause: 'operator', key: 'zsxq:project:11:stats' } as const
    await world.runJob('check-in-stats', one)
    await world.runJob('check-in-stats', one)

    const third = await world.tickJob('check-in-topics', AFTERNOON + 15 * MINUTE)
    const at = world.clock.now()
    const skipped = []
    for (const id of OTHERS) skipped.push(await world.tickJob(id, at + MINUTE))

    expect([third.status, third.reason, world.calls.length]).toEqual(['failed', 'refused', 3])
    expect(skipped.map(({ status, reason }) => [status, reason])).toEqual(
      OTHERS.map(() => ['skipped', 'upstream-cooling']),
    )
    const { coolDown } = await world.store.upstreams.get('check-ins')
    expect(coolDown).toEqual({
      since: at,
      until: at + 15 * MINUTE,
      reason: 'refused',
      message: 'zsxq error 1059 (status 200)',
    })
    expect((await world.newReader()(TOPICS)).status).toBe(200)
  })

  it('in a cool-down is not asked for by readers either: 503 for what is not stored, without a call', async () => {
    const world = await published()
    world.answerWith(() => failure(1059))
    await world.tickJob('check-in-topics', AFTERNOON + 15 * MINUTE)
    world.calls.length = 0

    const { status, headers, body } = await world.newReader()('/api/projects/77')

    expect([status, headers['retry-after'], body]).toEqual([
      503,
      '60',
      { code: 503, message: 'data not available', data: null },
    ])
    expect(world.calls).toEqual([])
  })

  it('after two others that an answer came between is no cool-down', async () => {
    const world = await published()
    let calls = 0
    world.answerWith(() => {
      calls += 1
      return calls === 3 ? undefined : failure(1059)
    })

    const run = await world.tickJob('check-in-topics', AFTERNOON + 15 * MINUTE)

    expect(run).toMatchObject({ status: 'partial', counts: { planned: 4, failed: 3 } })
    expect((await world.store.upstreams.get('check-ins')).coolDown).toBeUndefined()
  })

  it('after a cool-down is one call, and a cool-down twice as long', async () => {
    const world = await published()
    world.answerWith(() => failure(1059))
    await world.tickJob('check-in-topics', AFTERNOON + 15 * MINUTE)
    world.calls.length = 0

    await world.tickJob('check-in-topics', AFTERNOON + 35 * MINUTE)

    const { coolDown } = await world.store.upstreams.get('check-ins')
    expect([world.calls.length, coolDown?.until]).toEqual([1, world.clock.now() + 30 * MINUTE])
  })
})

describe('a token that the provider refuses', () => {
  const refused = { status: 401, body: { succeeded: false, code: 401 } } as const

  it('stops all check-in jobs, and reads go on (row 11)', async () => {
    const world = await published()
    world.answerWith(() => refused)

    const run = await world.tickJob('check-in-topics', AFTERNOON + 15 * MINUTE)
    const calls = world.calls.length
    const skipped = []
    for (const id of OTHERS) skipped.push(await world.tickJob(id, AFTERNOON + 20 * MINUTE))

    expect([run.status, run.reason]).toEqual(['failed', 'auth'])
    expect(skipped.map(({ status, reason }) => [status, reason])).toEqual(
      OTHERS.map(() => ['skipped', 'upstream-cooling']),
    )
    for (const { message } of skipped) expect(message).toMatch(/cooling down until .* \(auth\)$/)
    // the first call is repeated with the key read again, and another one may start before that
    expect(calls).toBeLessThanOrEqual(3)
    expect(world.calls).toHaveLength(calls)
    const read = await world.newReader()(TOPICS)
    expect([read.status, read.body.data.topics.length]).toEqual([200, 20])
  })

  it.each([
    ['', 'upstream authorization failed, contact the administrator'],
    ['admin@example.org', 'upstream authorization failed, contact the administrator: admin@example.org'],
  ])('is 503 for what is not stored, with the contact %j', async (contact, message) => {
    const world = checkInsWorld({ settings: { CHECKINS_CONTACT: contact } })
    world.answerWith(() => refused)

    const first = await world.newReader()(TOPICS)
    const second = await world.newReader()('/api/projects')

    expect([first.status, first.body]).toEqual([503, { code: 503, message, data: null }])
    expect([second.status, second.body]).toEqual([503, { code: 503, message, data: null }])
  })

  it.each([1005, 14_210])('is one under 200 with code %i too', async (code) => {
    const world = await published()
    world.answerWith(() => failure(code))

    const run = await world.tickJob('check-in-topics', AFTERNOON + 15 * MINUTE)

    expect([run.status, run.reason]).toEqual(['failed', 'auth'])
  })
})

describe('the calls of two jobs', () => {
  it('start at least 3 s apart, and are never two in flight (row 16)', async () => {
    const world = await published()
    const startTimes: number[] = []
    let inFlight = 0
    let most = 0
    world.answerWith(async () => {
      startTimes.push(world.clock.now())
      inFlight += 1
      most = Math.max(most, inFlight)
      await world.clock.sleep(4_700)
      inFlight -= 1
      return success(topics(1))
    })

    const at = AFTERNOON + 17 * MINUTE
    world.clock.advance(at - world.clock.now())
    const runs = await Promise.all([
      world.runJob('check-in-topics', { cause: 'tick', tick: at }),
      world.runJob('check-in-projects', { cause: 'tick', tick: at }),
    ])

    const gaps = startTimes.slice(1).map((start, index) => start - (startTimes[index] ?? 0))
    expect(startTimes.length).toBeGreaterThanOrEqual(7)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(3_000)
    expect(most).toBe(1)
    expect(runs.map(({ attempts }) => attempts)).not.toContain(0)
  })
})

describe('a store that refuses to write', () => {
  it('makes a cold read 503, and the run fails with one ERROR (row 18)', async () => {
    let isBroken = false
    const world = checkInsWorld({
      faults: (store) =>
        unreliableStore(store, ({ part, writes }) =>
          isBroken && writes && part === 'items' ? 'refuse' : 'pass',
        ),
    })
    await world.tickJob('check-in-projects')
    isBroken = true
    world.lines.length = 0

    const { status, body } = await world.newReader()(TOPICS)

    expect([status, body.message]).toEqual([503, 'data not available'])
    expect(world.lines.filter(({ level }) => level === 'ERROR')).toMatchObject([
      { job: 'check-in-topics', outcome: 'failed', reason: 'store' },
    ])
  })
})
