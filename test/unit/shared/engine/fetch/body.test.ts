import { describe, expect, it } from 'vitest'
import type { Call } from '#shared/engine/model/refresh.ts'
import { priceBody, pricesWorld } from '#test/fakes/jobs/prices.ts'

const T0 = Date.UTC(2026, 10, 20, 12, 1, 0)
const TICK_MS = 300_000

/** A job whose one call has a body. */
function bodyWorld(body: Call['body'] & object = { question: 'private' }) {
  const world = pricesWorld('items', ['AAA'], T0)
  world.work.refresh.plan = () => [
    { key: 'AAA', calls: [{ path: '/price', query: { symbol: 'AAA' }, body }] },
  ]
  world.script(({ url }) => ({
    status: 200,
    body: priceBody(url, 1, T0),
    headers: { etag: '"one"', 'last-modified': 'Fri, 20 Nov 2026 12:00:00 GMT' },
  }))
  return world
}

describe('a call with a body', () => {
  it('sends it as JSON, below the base URL and with its query', async () => {
    const world = bodyWorld({ question: ['a', 1] })

    expect(await world.tick(T0)).toMatchObject({ status: 'succeeded', attempts: 1 })

    const [{ url, body } = { url: undefined, body: undefined }] = world.calls
    expect([url?.pathname, url?.search, body]).toEqual(['/price', '?symbol=AAA', '{"question":["a",1]}'])
  })

  it('is never conditional, and keeps no validator: its answer is no representation of the URL', async () => {
    const world = bodyWorld()

    await world.tick(T0)
    await world.tick(T0 + TICK_MS)

    expect(world.calls.map(({ headers }) => Object.keys(headers))).toEqual([['accept'], ['accept']])
    expect(await world.store.items.get('prices-items', 'AAA')).not.toHaveProperty('validator')
  })

  it('takes a 304 for a failure, as of any call that was not conditional', async () => {
    const world = bodyWorld()
    world.script(() => ({ status: 304, body: '' }))

    expect(await world.tick(T0)).toMatchObject({ status: 'failed', reason: 'upstream-fault' })
  })

  it('is repeated with the same body, as often as any other', async () => {
    const world = bodyWorld()
    world.script(() => ({ status: 503, body: 'busy' }))

    expect(await world.tick(T0)).toMatchObject({ status: 'failed', attempts: 2 })
    expect(world.calls.map(({ body }) => body)).toEqual(Array(2).fill('{"question":"private"}'))
  })

  it('leaves nothing of its body in logs, records and rejected bodies', async () => {
    const world = bodyWorld()
    world.script((_, call) => (call === 1 ? 'reset' : { status: 200, body: 'no JSON' }))

    expect(await world.tick(T0)).toMatchObject({ status: 'failed', reason: 'malformed' })

    const { runs, rejected } = world.store.memory
    expect(rejected.size).toBe(1)
    expect(JSON.stringify([world.lines, [...runs], [...rejected]])).not.toContain('private')
  })

  it('is not sent when its body is too large; the message has the size alone', async () => {
    const world = bodyWorld({ question: 'private'.repeat(10_000) })

    const run = await world.tick(T0)

    expect(run).toMatchObject({ status: 'failed', reason: 'defect' })
    expect(run.message).toBe('expected a request body of at most 65536 bytes, got 70015')
    expect(world.calls).toEqual([])
  })
})

describe('a key behind a scheme', () => {
  it('stands in the header with it, and is redacted by itself', async () => {
    const world = bodyWorld()
    const secret = { parameter: '/k', header: 'authorization', scheme: 'Bearer' }
    Object.assign(world.work, { upstream: { ...world.work.upstream, secret } })
    world.work.ports.secrets.get = async () => ({ value: 'canary-4711', version: '1' })
    world.script(() => ({ status: 200, body: 'you sent canary-4711' }))

    const run = await world.tick(T0)

    expect(world.calls[0]?.headers['authorization']).toBe('Bearer canary-4711')
    expect(run.message).toContain('you sent [redacted]')
  })
})
