import { describe, expect, it, test } from 'vitest'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { intervalMs } from '#shared/engine/rate-limit/pacing.ts'
import { gdelt, repairJson } from '#shared/upstreams/gdelt.ts'
import { pricesWorld } from '#test/fakes/jobs/prices.ts'

const NOW = Date.UTC(2026, 10, 20, 12)
const upstream = resolveUpstream(gdelt, {})

function classOf(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return upstream.classify({ status, headers, body: text }, NOW)
}

function errorOf(...answer: Parameters<typeof classOf>) {
  const classified = classOf(...answer)
  if (classified.kind === 'ok') throw new Error('expected a failure, got a success')
  return classified.error
}

describe('GDELT', () => {
  it('is on by default, has no key, and asks for any type of text', () => {
    expect([upstream.off, upstream.secret, upstream.accept]).toEqual([undefined, undefined, '*/*'])
    expect(upstream.attribution).toEqual({
      text: 'Source: The GDELT Project',
      url: 'https://www.gdeltproject.org/',
    })
  })

  it('starts two calls at least six seconds apart, and waits 40 seconds for an answer', () => {
    expect(upstream.limits.concurrency).toBe(1)
    expect(intervalMs(upstream.limits) - 2_000).toBeGreaterThanOrEqual(6_000)
    expect(upstream.attemptTimeoutMs).toBe(40_000)
  })

  it.each([
    [429, 'Please limit requests to one every 5 seconds.'],
    [200, 'Please limit requests to one every 5 seconds or contact us for larger queries.'],
    [200, '\n please LIMIT requests '],
    [429, '<html>busy</html>'],
    [429, { articles: [] }],
    [429, ''],
  ])(
    'status %i with %j is a limit, never repeated in the run, with a cool-down of 15 minutes',
    (status, body) => {
      expect(errorOf(status, body)).toMatchObject({
        reason: 'rate-limited',
        scope: 'provider',
        retryable: false,
        coolDownMs: 900_000,
      })
    },
  )

  it.each([
    'The specified phrase is too short.',
    "Parentheses may only be used around OR'd statements.",
    "Queries containing OR'd terms must be surrounded by ().",
    'Your search contained a keyword that was too short.',
    'Timespan is too short.',
    'One or more of your keywords contained an illegal character.',
    'One or more of your parenthetical clauses had an error in it.',
    'Your query was too short or too long.',
    'Invalid mode.',
  ])('the sentence %j is a wrong query', (sentence) => {
    expect(errorOf(200, sentence)).toMatchObject({ reason: 'bad-request', scope: 'item', retryable: false })
    expect(errorOf(200, sentence.toUpperCase()).reason).toBe('bad-request')
  })

  it.each([
    ['a page', '<html>Invalid keyword</html>'],
    ['a broken list', '{"articles":[{"title":"Keyword invalid"'],
    ['a long text', `${'x'.repeat(300)} keyword`],
    ['another sentence', 'The service is not available.'],
    ['a list', []],
    ['nothing', ''],
  ])('%s under 200 is malformed', (_, body) => {
    expect(errorOf(200, body).reason).toBe('malformed')
  })

  it.each([
    [500, 'Please limit requests', 'upstream-fault'],
    [404, 'The timespan is not there', 'not-found'],
    [403, 'invalid', 'refused'],
  ])('status %i with %j is %s', (status, body, reason) => {
    expect(errorOf(status, body).reason).toBe(reason)
  })

  it.each([[{}], [{ articles: [] }]])('takes %j for an answer', (body) => {
    expect(classOf(200, body)).toEqual({ kind: 'ok', body })
  })

  it('repairs an illegal escape of a title', () => {
    const text = String.raw`{"articles":[{"title":"O\'Neil \\ \"quoted\""}]}`

    expect(classOf(200, text)).toEqual({
      kind: 'ok',
      body: { articles: [{ title: String.raw`O\'Neil \ "quoted"` }] },
    })
  })

  it('repairs nothing of a body that is JSON', () => {
    const body = { articles: [{ title: String.raw`C:\\new` }] }

    expect(classOf(200, body)).toEqual({ kind: 'ok', body })
  })
})

test('a run makes one try, even if its job allows three, and a timeout starts no cool-down', async () => {
  const world = pricesWorld('items', ['AAA'], NOW, {
    change: { run: { mode: 'plain', deadline: '2 minutes', attempts: 3, backoff: '1 second' } },
  })
  Object.assign(world.work, { upstream: { ...upstream, name: 'prices' } })
  world.script(() => 'hang')

  const run = await world.tick(NOW)

  expect(run).toMatchObject({ status: 'failed', reason: 'timeout', attempts: 1 })
  expect(world.calls[0]).toMatchObject({ headers: { accept: '*/*' }, timeoutMs: 40_000 })
  expect((await world.store.upstreams.get('prices')).coolDown).toBeUndefined()
})

const raw = String.raw

test.each([
  [raw`"O\'Neil"`, raw`O\'Neil`],
  [raw`"a\xb"`, raw`a\xb`],
  [raw`"a\u12"`, raw`a\u12`],
  [raw`"C:\\new\\'s"`, raw`C:\new\'s`],
  [raw`"a\\\x"`, raw`a\\x`],
  [raw`"\"\\\/\b\f\n\r\té"`, '"\\/\b\f\n\r\té'],
  ['"a\nb\tc\u0001"', 'a b c '],
])('the text %s is repaired', (text, value) => {
  expect(JSON.parse(repairJson(text))).toBe(value)
})

test.each([['"abc'], [raw`{"title":"abc\"}`], ['<html>'], ['{"articles":[']])(
  'the hopeless text %s is no JSON afterwards',
  (text) => {
    expect(() => JSON.parse(repairJson(text))).toThrow(SyntaxError)
  },
)
