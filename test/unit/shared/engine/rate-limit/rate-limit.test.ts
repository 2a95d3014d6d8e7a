import { describe, expect, it } from 'vitest'
import { noUpstreamState } from '#shared/adapters/dynamodb/upstream-states.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import { circuitState, nextBreaker } from '#shared/engine/rate-limit/circuit-breaker.ts'
import {
  coolDownAfter,
  usageOf,
  withCoolDown,
  withUsageCoolDown,
} from '#shared/engine/rate-limit/cool-down.ts'
import { slotsFrom } from '#shared/engine/rate-limit/pacing.ts'
import { allowance, countCalls, crossedWarning } from '#shared/engine/rate-limit/quota.ts'
import {
  connectionShare,
  type ReservationRequest,
  reserve,
  settle,
} from '#shared/engine/rate-limit/reservation.ts'
import { pricesUpstream } from '#test/fakes/jobs/prices.ts'
import { T0 } from '#test/fakes/store/samples.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const upstream = resolveUpstream(pricesUpstream, {})
const limits = { perMinute: 60, burst: 1, concurrency: 2, scheduledShare: 0.9, zone: 'UTC' }
const ask: ReservationRequest = {
  owner: 'me',
  deadline: T0 + MINUTE,
  countsForBreaker: true,
  forOperator: false,
  isInteractive: false,
  calls: 3,
  connections: 8,
  inFlight: 0,
  unused: 0,
}

describe('the pace', () => {
  it('starts with a burst after a quiet period, and then is even', () => {
    const { slots } = slotsFrom(undefined, T0, 10, { perMinute: 600, burst: 3 })

    expect(slots.slice(0, 5).map((slot) => slot - T0)).toEqual([0, 0, 0, 104, 208])
  })

  it('continues after the last block', () => {
    const first = slotsFrom(undefined, T0, 3, { perMinute: 600, burst: 1 })
    const second = slotsFrom(first.due, T0 + 10, 1, { perMinute: 600, burst: 1 })

    expect(second.slots[0]).toBe(Math.ceil(T0 + 3 * (62_000 / 600)))
  })

  it('reserves no more than a second ahead, and at least one call however slow the pace', () => {
    const quick = slotsFrom(undefined, T0, 1_000, { perMinute: 600, burst: 1 })
    const slow = slotsFrom(T0 + HOUR, T0, 1_000, { perMinute: 1, burst: 1 })

    expect((quick.slots.at(-1) ?? 0) - T0).toBeLessThanOrEqual(1_000)
    expect(slow.slots).toEqual([T0 + HOUR])
  })
})

describe('the allowance', () => {
  const daily = { ...limits, perDay: 100, perMonth: 10_000 }

  it('reserves a tenth for operators', () => {
    const state = { ...noUpstreamState, ...countCalls(noUpstreamState, daily, 89, T0) }

    expect(allowance(state, daily, false, T0)).toMatchObject({ remaining: 1, span: 'day' })
    expect(allowance(state, daily, true, T0)).toMatchObject({ remaining: 11, span: 'day' })
  })

  it('is reset on the provider’s own day, also across a clock change (F68)', () => {
    const newYork = { ...daily, zone: 'America/New_York' }
    const evening = Date.parse('2026-11-01T01:30:00-04:00')
    const used = { ...noUpstreamState, ...countCalls(noUpstreamState, newYork, 90, evening) }

    expect(allowance(used, newYork, false, evening)).toEqual({
      remaining: 0,
      limit: 100,
      span: 'day',
      resetsAt: Date.parse('2026-11-02T00:00:00-05:00'),
    })
    expect(allowance(used, newYork, false, Date.parse('2026-11-02T00:00:00-05:00'))).toMatchObject({
      remaining: 90,
    })
  })

  it('of a month ends with the year (F70)', () => {
    const monthly = { ...limits, perMonth: 10 }
    const eve = Date.parse('2027-12-31T23:59:59Z')
    const used = { ...noUpstreamState, ...countCalls(noUpstreamState, monthly, 9, eve) }

    expect(allowance(used, monthly, false, eve)).toMatchObject({
      remaining: 0,
      span: 'month',
      resetsAt: Date.parse('2028-01-01T00:00:00Z'),
    })
    expect(allowance(used, monthly, false, eve + 1_000)).toMatchObject({ remaining: 9 })
  })

  it('warns once, when most of it is used', () => {
    const at = (calls: number) => ({ ...noUpstreamState, ...countCalls(noUpstreamState, daily, calls, T0) })

    expect(crossedWarning(at(69), at(70), daily, T0)).toBe('day')
    expect(crossedWarning(at(70), at(71), daily, T0)).toBeUndefined()
  })

  it('gets unused calls back', () => {
    const state = { ...noUpstreamState, ...countCalls(noUpstreamState, daily, 10, T0) }

    const decision = reserve(state, { ...ask, calls: 1, unused: 4 }, { ...upstream, limits: daily }, T0)

    expect('state' in decision && decision.state.day).toEqual({ period: '2026-11-20', calls: 10 - 4 + 1 })
  })
})

describe('the provider’s own count', () => {
  const policy = { header: 'x-used', limit: 6_000, share: 0.8 }
  const at = T0 + 12_345
  const nextMinute = T0 + MINUTE + 1_000

  it.each([
    ['0', { used: 0 }],
    ['4799', { used: 4_799 }],
    ['4800', { used: 4_800, coolDown: { used: 4_800, until: nextMinute } }],
    ['6001', { used: 6_001, coolDown: { used: 6_001, until: nextMinute } }],
    ['', undefined],
    ['-1', undefined],
    ['4800, 4801', undefined],
    ['48e2', undefined],
    ['many', undefined],
    ['9'.repeat(400), undefined],
  ])('%s of 6,000 is read as %o', (text, usage) => {
    expect(usageOf({ 'x-used': text }, policy, at)).toEqual(usage)
  })

  it('is not read when no header is declared or sent', () => {
    expect(usageOf({ 'x-used': '6000' }, undefined, at)).toBeUndefined()
    expect(usageOf({}, policy, at)).toBeUndefined()
  })

  it('belongs to the minute in which the call was made, up to its last moment', () => {
    const untilOf = (startedAt: number) => usageOf({ 'x-used': '6000' }, policy, startedAt)?.coolDown?.until

    expect([T0, T0 + MINUTE - 1, T0 + MINUTE].map(untilOf)).toEqual([
      nextMinute,
      nextMinute,
      nextMinute + MINUTE,
    ])
  })

  it('blocks all runs until the next minute, and does not make calls serial then', () => {
    const state = { ...noUpstreamState, usageCoolDown: { until: nextMinute, used: 4_800 } }

    const decision = reserve(state, { ...ask, deadline: T0 + 2 * MINUTE }, upstream, at)

    expect(decision).toMatchObject({ status: 'granted', isSerial: false })
    expect('slots' in decision && decision.slots[0]).toBe(nextMinute)
  })

  it('blocks a run that ends before the next minute, with the count', () => {
    const state = { ...noUpstreamState, usageCoolDown: { until: nextMinute, used: 4_800 } }

    const decision = reserve(state, { ...ask, deadline: nextMinute - 1 }, upstream, at)

    expect(decision).toEqual({
      status: 'blocked',
      skip: 'upstream-cooling',
      reason: 'rate-limited',
      message: 'Prices counts 4800 in its current minute and is cooling down until 2026-11-20T12:01:01.000Z',
    })
    expect(reserve(state, { ...ask, deadline: nextMinute }, upstream, nextMinute).status).toBe('granted')
  })

  it('only moves forward, and is removed after its end', () => {
    const asker = {
      owner: 'me',
      deadline: T0 + HOUR,
      countsForBreaker: true,
      forOperator: false,
      isInteractive: false,
    }
    const end = { unused: 0, signal: 'success' } as const
    const state = { ...noUpstreamState, usageCoolDown: { until: nextMinute, used: 4_800 } }

    expect(withUsageCoolDown(state, { until: nextMinute, used: 5_000 })).toBeUndefined()
    expect(withUsageCoolDown(state, { until: nextMinute + 1, used: 5_000 })?.usageCoolDown?.used).toBe(5_000)
    expect(settle(state, asker, end, upstream, nextMinute - 1).usageCoolDown).toEqual(state.usageCoolDown)
    expect('usageCoolDown' in settle(state, asker, end, upstream, nextMinute)).toBe(false)
  })
})

describe('the breaker', () => {
  const policy = { failures: 3, coolDownMs: 5 * MINUTE }

  it('opens after the declared number of consecutive failed runs; a success resets the count', () => {
    const verdicts = ['fault', 'fault', 'success', 'fault', 'fault'] as const
    const before = verdicts.reduce((breaker, one) => nextBreaker(breaker, 'x', one, policy, T0), {
      failures: 0,
    } as ReturnType<typeof nextBreaker>)

    expect(circuitState(before, 'x', T0)).toEqual({ state: 'closed' })
    expect(circuitState(nextBreaker(before, 'x', 'fault', policy, T0), 'x', T0)).toEqual({
      state: 'open',
      until: T0 + 5 * MINUTE,
    })
  })

  it('is not changed by answers without a fault, nor by runs without calls', () => {
    const breaker = { failures: 2 }

    expect(nextBreaker(breaker, 'x', 'other', policy, T0)).toBe(breaker)
    expect(nextBreaker(breaker, 'x', undefined, policy, T0)).toBe(breaker)
  })

  it('is open to all runs but the one that probes', () => {
    const breaker = { failures: 3, openUntil: T0, probe: { owner: 'other', until: T0 + 9_000 } }

    expect(circuitState(breaker, 'me', T0)).toEqual({ state: 'open', until: T0 + 9_000 })
    expect(circuitState(breaker, 'other', T0)).toEqual({ state: 'half-open' })
    expect(circuitState(breaker, 'me', T0 + 9_000)).toEqual({ state: 'half-open' })
  })

  it('counts only the probe while it is open', () => {
    const open = { failures: 3, openUntil: T0, probe: { owner: 'probe', until: T0 + 9_000 } }

    expect(nextBreaker(open, 'late', 'success', policy, T0)).toBe(open)
    expect(nextBreaker(open, 'probe', 'fault', policy, T0)).toEqual({
      failures: 4,
      openUntil: T0 + 5 * MINUTE,
    })
    expect(nextBreaker(open, 'probe', 'other', policy, T0)).toEqual({ failures: 0 })
    expect(nextBreaker(open, 'probe', undefined, policy, T0)).toEqual({ failures: 3, openUntil: T0 })
  })
})

describe('a cool-down', () => {
  const limited = new RefreshError('rate-limited', 'slow down', {
    scope: 'provider',
    coolDownMs: 20 * MINUTE,
  })

  it('is twice as long when it is repeated shortly after the last one, up to an hour', () => {
    const first = coolDownAfter(limited, undefined, undefined, T0)
    const second = coolDownAfter(limited, first, undefined, T0 + 25 * MINUTE)
    const third = coolDownAfter(limited, second, undefined, T0 + 70 * MINUTE)

    expect([first, second, third].map((one) => one?.backoffMs)).toEqual([20 * MINUTE, 40 * MINUTE, HOUR])
    expect(coolDownAfter(limited, second, undefined, T0 + 6 * HOUR)?.backoffMs).toBe(20 * MINUTE)
  })

  it.each([
    ['auth', HOUR],
    ['refused', 15 * MINUTE],
    ['forbidden-region', 6 * HOUR],
    ['quota-exhausted', 12 * HOUR],
  ] as const)('after %s of a whole provider lasts %i ms', (reason, ms) => {
    const error = new RefreshError(reason, 'no', { scope: 'provider' })

    expect(coolDownAfter(error, undefined, undefined, T0)?.until).toBe(T0 + ms)
  })

  it('does not follow a failure of one item, nor one without a stated or default wait', () => {
    const item = new RefreshError('refused', 'not this one', { scope: 'item' })
    const fault = new RefreshError('upstream-fault', 'oops', { scope: 'provider' })

    expect(coolDownAfter(item, undefined, undefined, T0)).toBeUndefined()
    expect(coolDownAfter(fault, undefined, undefined, T0)).toBeUndefined()
  })

  it('only moves forward', () => {
    const long = { ...noUpstreamState, coolDown: { until: T0 + HOUR, reason: 'auth' as const } }

    expect(withCoolDown(long, { until: T0 + MINUTE, reason: 'rate-limited' })).toBeUndefined()
  })
})

describe('connections', () => {
  it('are all available to one run, and shared evenly when another one waits', () => {
    const run = { connections: 20, isInteractive: false, inFlight: 0 }

    expect(connectionShare({}, run, 20)).toBe(20)
    expect(connectionShare({ other: { max: 20, until: T0 } }, run, 20)).toBe(0)
    expect(connectionShare({ waiting: { max: 0, until: T0 } }, run, 20)).toBe(10)
    expect(connectionShare({ small: { max: 4, until: T0 } }, run, 20)).toBe(16)
  })

  it('are left to a run that a reader waits for, between two blocks of calls', () => {
    const reader = { reader: { max: 0, until: T0, isInteractive: true } } as const
    const run = { connections: 8, isInteractive: false, inFlight: 0 }

    expect(connectionShare(reader, run, 1)).toBe(0)
    expect(connectionShare(reader, { ...run, inFlight: 2 }, 2)).toBe(1)
    expect(connectionShare(reader, run, 20)).toBe(8)
    expect(connectionShare(reader, { ...run, isInteractive: true }, 1)).toBe(1)
    expect(connectionShare({ other: { max: 0, until: T0 } }, run, 1)).toBe(1)
  })

  it('are waited for with one write in half the time of an entry', () => {
    const connections = { other: { max: 2, until: T0 + MINUTE } }
    const waits = (at: number, own: typeof connections | object = {}) =>
      reserve(
        { ...noUpstreamState, connections: { ...connections, ...own } },
        ask,
        { ...upstream, limits },
        at,
      )

    const first = waits(T0)

    const own = 'state' in first && first.state ? first.state.connections : {}
    expect(own).toEqual({ ...connections, me: { max: 0, until: T0 + 5_000 } })
    expect(waits(T0 + 2_400, own)).toEqual({ status: 'wait' })
    expect(waits(T0 + 2_600, own)).toMatchObject({ state: { connections: { me: { until: T0 + 7_600 } } } })
  })

  it('of runs whose entry has expired are free again', () => {
    const connections = { dead: { max: 20, until: T0 - 1 } }

    const decision = reserve({ ...noUpstreamState, connections }, ask, upstream, T0)

    expect(decision).toMatchObject({ status: 'granted', connections: 8 })
  })

  it('that are still in use count until their calls end', () => {
    const waiting = { other: { max: 0, until: T0 + MINUTE } }
    const state = { ...noUpstreamState, connections: waiting }

    const decision = reserve(state, { ...ask, connections: 20, inFlight: 20 }, upstream, T0)

    expect(decision).toMatchObject({ status: 'granted', connections: 10 })
    expect('state' in decision && decision.state.connections['me']?.max).toBe(20)
  })
})

describe('a reservation', () => {
  it('starts after a cool-down that ends before the run, and then is serial', () => {
    const coolDown = { until: T0 + 30_000, reason: 'rate-limited' as const }

    const decision = reserve({ ...noUpstreamState, coolDown }, ask, upstream, T0)

    expect(decision).toMatchObject({ status: 'granted', isSerial: true })
    expect(decision.status === 'granted' && decision.slots[0]).toBe(T0 + 30_000)
  })

  it('is blocked when the next call would be due after the run’s deadline', () => {
    const decision = reserve({ ...noUpstreamState, due: T0 + HOUR }, ask, { ...upstream, limits }, T0)

    expect(decision).toMatchObject({ status: 'blocked', skip: 'upstream-busy', reason: 'timeout' })
  })

  it('of a probe is one call, whatever the plan', () => {
    const breaker = { failures: 3, openUntil: T0 }

    const decision = reserve({ ...noUpstreamState, breaker }, ask, upstream, T0)

    expect(decision).toMatchObject({ status: 'granted', isProbe: true, slots: [T0] })
    expect('state' in decision && decision.state.breaker.probe?.owner).toBe('me')
  })

  it('is blocked for a reader of one key while the breaker is half-open', () => {
    const breaker = { failures: 3, openUntil: T0 }

    const decision = reserve(
      { ...noUpstreamState, breaker },
      { ...ask, countsForBreaker: false },
      upstream,
      T0,
    )

    expect(decision).toMatchObject({ status: 'blocked', skip: 'upstream-cooling' })
  })

  it('ignores the refusal of a secret once there is a newer version of it', () => {
    const coolDown = { until: T0 + HOUR, reason: 'auth' as const, secretVersion: '1' }
    const state = { ...noUpstreamState, coolDown }

    expect(reserve(state, { ...ask, secretVersion: '1' }, upstream, T0).status).toBe('blocked')
    expect(reserve(state, { ...ask, secretVersion: '2' }, upstream, T0).status).toBe('granted')
  })
})
