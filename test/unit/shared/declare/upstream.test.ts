import { describe, expect, it, test } from 'vitest'
import { flag } from '#shared/declare/settings.ts'
import { defineUpstream, resolveUpstream } from '#shared/declare/upstream.ts'
import type { UpstreamSecret, UpstreamSpec } from '#shared/declare/upstream-spec.ts'
import { classify } from '#shared/upstreams/classify.ts'
import { globalMarketWorld, TICK } from '#test/fakes/jobs/global-market.ts'

type More = Partial<
  Pick<
    UpstreamSpec<Record<string, never>>,
    'accept' | 'maxAttempts' | 'isOperatorAddress' | 'escalation' | 'requestIdHeader'
  >
>

function declare(secret: UpstreamSecret, more: More = {}) {
  return defineUpstream({
    name: 'keyed',
    title: 'Keyed',
    settings: { KEYED_TERMS_ACCEPTED: flag(false, { about: 'accept the terms' }) },
    baseUrls: () => ['https://keyed.example'],
    secret: () => secret,
    off: ({ KEYED_TERMS_ACCEPTED: isAccepted }) => (isAccepted ? undefined : 'KEYED_TERMS_ACCEPTED is false'),
    limits: () => ({ perMinute: 10, concurrency: 1 }),
    attemptTimeout: '5 seconds',
    maxBytes: 1_024,
    attribution: { text: 'Invented for tests', url: 'https://keyed.example' },
    classify: (answer, now) => classify(answer, { expects: 'object', coolDownMs: 60_000 }, now),
    ...more,
  })
}

describe('the key of a provider', () => {
  it.each<UpstreamSecret>([
    { parameter: '/k', header: 'x-api-key' },
    { parameter: '/k', query: 'apikey' },
    { parameter: '/k', header: 'authorization', scheme: 'Bearer' },
    { parameter: '/k', header: 'authorization', extraHeaders: true },
  ])('is sent as it is declared: %j', (secret) => {
    expect(resolveUpstream(declare(secret), {}).secret).toEqual(secret)
  })

  it.each([
    [{ parameter: '/k' }, 'secret: expected either a header or a query parameter'],
    [
      { parameter: '/k', header: 'x-key', query: 'key' },
      'secret: expected either a header or a query parameter',
    ],
    [{ parameter: '/k', header: 'X Key' }, 'secret.header: expected the name of a header in lower case'],
    [{ parameter: '/k', query: 'a&b' }, 'secret.query: expected the name of a query parameter'],
    [{ parameter: '/k', query: 'key', scheme: 'Bearer' }, 'secret.scheme: expected only with a header'],
    [{ parameter: '/k', header: 'x-key', scheme: 'A B' }, 'secret.scheme: expected the name of a scheme'],
    [
      { parameter: '/k', query: 'key', extraHeaders: true },
      'secret.extraHeaders: expected only with a header',
    ],
    [{ parameter: '/k', cookie: 'key' }, 'cookie'],
  ])('is refused with a line that names the member: %j', (secret, message) => {
    expect(() => declare(secret as unknown as UpstreamSecret)).toThrow(message)
  })
})

describe('a provider whose settings do not allow calls', () => {
  it('has the reason, until they do', () => {
    const declared = declare({ parameter: '/k', query: 'apikey' })

    expect(resolveUpstream(declared, {}).off).toBe('KEYED_TERMS_ACCEPTED is false')
    expect(resolveUpstream(declared, { KEYED_TERMS_ACCEPTED: 'true' }).off).toBeUndefined()
  })

  it('is not called: the run is skipped with the reason, and its key is not read', async () => {
    const world = globalMarketWorld()
    const off = 'KEYED_TERMS_ACCEPTED is false'
    Object.assign(world.work, {
      upstream: { ...world.work.upstream, off, secret: { parameter: '/absent', query: 'apikey' } },
    })

    const run = await world.tick(TICK)

    expect(run).toMatchObject({ status: 'skipped', reason: 'not-configured', message: `CoinGecko: ${off}` })
    expect(world.calls).toEqual([])
  })
})

test('the header for request ids has a legal name', () => {
  const secret = { parameter: '/k', header: 'x-key' } as const

  expect(resolveUpstream(declare(secret, { requestIdHeader: 'x-request-id' }), {})).toMatchObject({
    requestIdHeader: 'x-request-id',
  })
  expect(() => declare(secret, { requestIdHeader: 'X Request' })).toThrow(
    'requestIdHeader: expected the name of a header in lower case',
  )
})

describe('the escalation of a provider', () => {
  const secret = { parameter: '/k', header: 'x-key' } as const
  const spec = { failures: 3, coolDown: '15 minutes', maxCoolDown: '6 hours' } as const

  it('has its lengths in milliseconds', () => {
    expect(resolveUpstream(declare(secret, { escalation: spec }), {}).escalation).toEqual({
      failures: 3,
      coolDownMs: 900_000,
      maxCoolDownMs: 21_600_000,
    })
  })

  it.each([
    [{ ...spec, failures: 0 }, 'escalation.failures: expected a whole number of at least 1, got 0'],
    [
      { ...spec, maxCoolDown: '10 minutes' },
      'maxCoolDown: expected at least coolDown, 15 minutes; got 10 minutes',
    ],
    [{ ...spec, coolDown: '0 minutes' }, 'escalation.coolDown: expected a duration'],
    [{ ...spec, after: 2 }, 'got "after"'],
  ])('is refused with a line that names the member: %j', (escalation, message) => {
    expect(() => declare(secret, { escalation: escalation as typeof spec })).toThrow(message)
  })
})

describe('the address of a provider', () => {
  const secret = { parameter: '/k', query: 'apikey' } as const

  it('has to be public, unless it is one that the operator sets', () => {
    const declared = resolveUpstream(declare(secret), {})
    const ofOperator = resolveUpstream(declare(secret, { isOperatorAddress: true }), {})

    expect(declared.trustedOrigins).toEqual([])
    expect(ofOperator.trustedOrigins).toEqual(['https://keyed.example'])
  })
})

describe('the calls to a provider', () => {
  const key = { parameter: '/k', header: 'x-api-key' } as const

  it('accept JSON, and have as many attempts as the job allows, unless the provider declares others', () => {
    const usual = resolveUpstream(declare(key), {})
    const other = resolveUpstream(declare(key, { accept: '*/*', maxAttempts: 1 }), {})

    expect([usual.accept, usual.maxAttempts]).toEqual(['application/json', undefined])
    expect([other.accept, other.maxAttempts]).toEqual(['*/*', 1])
  })

  it.each([
    [{ maxAttempts: 0 }, 'maxAttempts: expected a whole number of at least 1, got 0'],
    [{ accept: 'text/html\r\nx: y' }, 'accept: expected media types'],
  ])('are refused with a line that names the member: %j', (more, message) => {
    expect(() => declare(key, more)).toThrow(message)
  })
})
