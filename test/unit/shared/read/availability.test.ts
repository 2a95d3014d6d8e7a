import { describe, expect, it } from 'vitest'
import { projectsWorld, projectViews } from '#test/fakes/jobs/keyed-projects.ts'
import { jsonOf, reader } from '#test/fakes/world/clients.ts'
import type { Reply, World } from '#test/fakes/world/world.ts'

const AUTH_FAILED = 'upstream authorization failed, contact the administrator'
const REFUSED: Reply = { status: 401, body: 'the token of the owner was revoked' }

/** One read of a key that is not stored, while the bus delivers its request. */
async function readCold<V>(world: World<V>, path: string) {
  const { get, deliver } = reader(world, { views: projectViews })
  const reading = get(path)
  await new Promise(setImmediate)
  await deliver()
  const result = await reading
  return { status: result.statusCode, body: jsonOf(result), retryAfter: result.headers['retry-after'] }
}

describe('a read of a key that cannot be filled', () => {
  it('names the failed authorization, in the words of the job', async () => {
    const world = projectsWorld('info', [])
    world.script(() => REFUSED)

    expect(await readCold(world, '/test/projects/1/info')).toEqual({
      status: 503,
      body: { code: 503, message: AUTH_FAILED, data: null },
      retryAfter: undefined,
    })
  })

  it('names it also while the provider is not called because of it, in every job of the provider', async () => {
    const info = projectsWorld('info', [])
    info.script(() => REFUSED)
    await readCold(info, '/test/projects/1/info')
    const topics = projectsWorld('topics', ['1'], { store: info.store })

    const again = await readCold(info, '/test/projects/2/info')
    const other = await readCold(topics, '/test/projects/1/topics')

    expect([again.body.message, other.body.message]).toEqual([AUTH_FAILED, AUTH_FAILED])
    expect([info.calls.length, topics.calls.length]).toEqual([1, 0])
  })

  it.each([
    [{ status: 500, body: 'our database is down' }],
    [{ status: 403, body: 'you are banned' }],
    [{ status: 429, body: 'slow down', headers: { 'retry-after': '900' } }],
    [{ status: 200, body: 'no JSON' }],
  ] as const)('is answered with Retry-After after %j, without the provider’s words', async (reply) => {
    const world = projectsWorld('info', [])
    world.script(() => reply)

    const { status, body, retryAfter } = await readCold(world, '/test/projects/1/info')

    expect([status, retryAfter]).toEqual([503, '60'])
    expect(body).toEqual({ code: 503, message: 'data not available', data: null })
  })

  it('is answered so too if no run ends in time', async () => {
    const { get } = reader(projectsWorld('info', ['1']), { views: projectViews })

    const result = await get('/test/projects/1/info')

    expect([jsonOf(result).message, result.headers['retry-after']]).toEqual(['data not available', '60'])
  })

  it('names the job that is off, and requests nothing', async () => {
    const world = projectsWorld('info', ['1'], { change: { off: () => 'there is no token' } })
    const { get } = reader(world, { views: projectViews })

    const result = await get('/test/projects/1/info')

    expect(jsonOf(result)).toEqual({ code: 503, message: 'the provider is not configured', data: null })
    expect([result.headers['retry-after'], world.events.length]).toEqual([undefined, 0])
  })

  it('has status 429 if too many keys are requested at once', async () => {
    const world = projectsWorld('info', [], { change: { coldFillsPerMinute: 1 } })
    const { get } = reader(world, { views: projectViews })
    await get('/test/projects/1/info')

    const result = await get('/test/projects/2/info')

    expect([result.statusCode, result.headers['retry-after']]).toEqual([429, '52'])
    expect(jsonOf(result).message).toBe('too many projects are requested at once')
  })
})
