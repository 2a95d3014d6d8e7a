import { describe, expect, it } from 'vitest'
import { completion, riskData, summariesWorld } from '#test/fakes/jobs/ai-summaries.ts'
import type { Reply } from '#test/fakes/world/world.ts'

const NOW = Date.UTC(2026, 10, 24, 17, 25)

/** A world with a stored summary of a score of 76, and a risk of 77 since. */
async function changedWorld() {
  const world = summariesWorld(NOW)
  await world.risk(riskData(76))
  world.script(() => completion('The score is 76.'))
  await world.nextTick()
  await world.risk(riskData(77))
  world.calls.length = 0
  return world
}

const textOf = async (world: Awaited<ReturnType<typeof changedWorld>>) =>
  (await world.summary('macro/overall')).body.data.text

describe('an answer that cannot be shown', () => {
  it.each([
    [
      'a figure that is not among the facts',
      completion('The score is 76.'),
      'expected only figures of the facts, got 76',
    ],
    ['markup', completion('The score is **77**.'), 'expected plain text without markup, got *'],
    ['an address', completion('See https://example.com'), 'expected plain text without an address'],
    [
      'a text that is too long',
      completion('long '.repeat(500)),
      'expected at most 2000 characters, got 2499',
    ],
    ['a cut text', completion('The score is', { finish_reason: 'length' }), 'was cut at its limit of tokens'],
    [
      'a filtered text',
      completion('', { finish_reason: 'content_filter' }),
      'was withheld by the content filter',
    ],
    ['no text', completion(null), 'the answer has no text'],
  ])('is rejected, kept for operators, and asked for once an hour: %s', async (_, reply, message) => {
    const world = await changedWorld()
    world.script(() => reply)

    const run = await world.nextTick()

    expect(run).toMatchObject({ status: 'failed', reason: 'rejected', attempts: 1 })
    expect(run.message).toContain(message)
    expect(await world.store.rejected.get('ai-summaries', 'macro:overall')).toMatchObject({
      reason: 'rejected',
    })
    expect(await textOf(world)).toBe('The score is 76.')
    await world.nextTick()
    expect(world.calls).toHaveLength(2)
  })

  it.each<[string, Reply, string]>([
    ['another form', { status: 200, body: { choices: [{ text: 'The score is 77.' }] } }, 'malformed'],
    ['another reason to stop', completion('The score is 77.', { finish_reason: 'tool_calls' }), 'malformed'],
    ['an error under 200', { status: 200, body: { error: 'no' } }, 'upstream-fault'],
    ['a wrong request', { status: 400, body: { error: { code: 'what' } } }, 'bad-request'],
  ])('fails without another attempt: %s', async (_, reply, reason) => {
    const world = await changedWorld()
    world.script(() => reply)

    expect(await world.nextTick()).toMatchObject({ status: 'failed', reason, attempts: 1 })
    expect(await textOf(world)).toBe('The score is 76.')
  })

  it('is replaced by a good one in the next hour', async () => {
    const world = await changedWorld()
    world.script(() => completion('The score is 78.'))
    await world.nextTick()
    world.script(() => completion('The score is 77.'))

    expect(await world.nextTick()).toMatchObject({ status: 'succeeded' })

    expect(await textOf(world)).toBe('The score is 77.')
  })
})

describe('a provider that does not answer', () => {
  it.each<[string, Reply]>([
    ['hangs', 'hang'],
    ['breaks the connection', 'reset'],
    ['is down', { status: 503, body: 'busy' }],
  ])('is called twice an hour, and after three hours once: it %s', async (_, reply) => {
    const world = await changedWorld()
    world.script(() => reply)

    for (let hour = 1; hour <= 3; hour += 1) await world.nextTick()
    expect(world.calls).toHaveLength(6)
    await world.nextTick()

    expect(world.calls.length).toBeLessThanOrEqual(8)
    expect(await textOf(world)).toBe('The score is 76.')
  })

  it('is not called until its limit ends', async () => {
    const world = await changedWorld()
    world.script(() => ({ status: 429, body: {}, headers: { 'retry-after': '5400' } }))

    expect(await world.nextTick()).toMatchObject({ status: 'failed', reason: 'rate-limited', attempts: 1 })
    expect(await world.nextTick()).toMatchObject({ status: 'skipped', reason: 'upstream-cooling' })
    expect(world.calls).toHaveLength(1)
    world.script(() => completion('The score is 77.'))
    expect(await world.nextTick()).toMatchObject({ status: 'succeeded' })
  })

  it('is called twice with a refused key, the second time with one that is read again', async () => {
    const world = await changedWorld()
    world.script(() => ({ status: 401, body: { error: { code: 'invalid_api_key' } } }))

    expect(await world.nextTick()).toMatchObject({ status: 'failed', reason: 'auth', attempts: 2 })
    expect(world.calls).toHaveLength(2)
  })

  it('is not called without its settings', async () => {
    const world = summariesWorld(NOW, { ENABLE_AI_SUMMARIES: 'false' })
    await world.risk()

    expect(await world.nextTick()).toMatchObject({ status: 'skipped', reason: 'not-configured' })
    expect(world.calls).toEqual([])
  })
})
