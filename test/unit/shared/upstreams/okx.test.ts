import { describe, expect, it } from 'vitest'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { slotsFrom } from '#shared/engine/rate-limit/pacing.ts'
import { okx } from '#shared/upstreams/okx.ts'

const NOW = Date.UTC(2026, 10, 20)
const upstream = resolveUpstream(okx, {})

function classOf(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return upstream.classify({ status, headers, body: text }, NOW)
}

function errorOf(...answer: Parameters<typeof classOf>) {
  const classified = classOf(...answer)
  if (classified.kind === 'ok') throw new Error('expected a failure, got a success')
  return classified.error
}

const envelope = (code: string) => ({ code, msg: 'so', data: [] })

/** When calls start that are asked for as soon as they may be. */
function startsOf(calls: number): number[] {
  const callTimes: number[] = []
  let due: number | undefined
  while (callTimes.length < calls) {
    const from = callTimes.at(-1) ?? NOW
    const next = slotsFrom(due, from, calls - callTimes.length, upstream.limits)
    callTimes.push(...next.slots)
    due = next.due
  }
  return callTimes
}

describe('OKX', () => {
  it('is never called more than 20 times in two seconds, a call that is a second late included', () => {
    const callTimes = startsOf(202)

    const inThreeSeconds = callTimes.map((start) =>
      callTimes.filter((at) => at >= start && at < start + 3_000),
    )

    expect(Math.max(...inThreeSeconds.map(({ length }) => length))).toBeLessThanOrEqual(20)
    expect((callTimes.at(-1) ?? 0) - NOW).toBeLessThan(45_000)
  })

  it.each([
    [429, envelope('50011'), 'rate-limited', true, 'provider'],
    [200, envelope('50011'), 'rate-limited', true, 'provider'],
    [200, envelope('50040'), 'rate-limited', true, 'provider'],
    [429, '', 'rate-limited', true, 'provider'],
    [429, envelope('59999'), 'rate-limited', true, 'provider'],
    [200, envelope('51001'), 'not-found', false, 'item'],
    [400, envelope('51000'), 'bad-request', false, 'item'],
    [200, envelope('50014'), 'bad-request', false, 'item'],
    [200, envelope('50024'), 'bad-request', false, 'item'],
    [200, envelope('50001'), 'upstream-fault', true, 'item'],
    [200, envelope('50004'), 'upstream-fault', true, 'item'],
    [400, envelope('50013'), 'upstream-fault', true, 'item'],
    [200, envelope('50026'), 'upstream-fault', true, 'item'],
    [503, envelope('50011'), 'upstream-fault', true, 'item'],
    [200, envelope('50110'), 'auth', false, 'provider'],
    [401, envelope('50110'), 'auth', false, 'provider'],
    [401, '', 'auth', false, 'provider'],
    [403, '<html>', 'forbidden-region', false, 'provider'],
    [403, envelope('59999'), 'forbidden-region', false, 'provider'],
    [451, '', 'forbidden-region', false, 'provider'],
    [200, envelope('59999'), 'upstream-fault', false, 'item'],
    [200, envelope('1'), 'upstream-fault', false, 'item'],
    [200, {}, 'malformed', false, 'item'],
    [200, { code: 0, data: [] }, 'malformed', false, 'item'],
    [200, [], 'malformed', false, 'item'],
    [200, '<html>', 'malformed', false, 'item'],
  ])('status %i with %j is %s, retryable: %s, of the %s', (status, body, reason, retryable, scope) => {
    expect(errorOf(status, body)).toMatchObject({ reason, retryable, scope })
  })

  it('takes code "0" for success, also without data', () => {
    expect(classOf(200, envelope('0'))).toEqual({ kind: 'ok', body: envelope('0') })
  })

  it('cools down for two seconds after a limit, or for the time that it demands', () => {
    expect(errorOf(200, envelope('50011'))).toMatchObject({ coolDownMs: 2_000 })
    expect(errorOf(429, envelope('50011'), { 'retry-after': '3' })).toMatchObject({ retryAfterMs: 3_000 })
  })
})
