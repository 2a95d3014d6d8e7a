import { expect, test } from 'vitest'
import { coingecko } from '#infra/local/simulated/coingecko.ts'
import {
  type CallFault,
  callText,
  faultFor,
  faultSequence,
  type Profile,
  profiles,
} from '#infra/local/simulated/faults/chaos.ts'
import { type Fault, faultText } from '#infra/local/simulated/faults/fault.ts'
import { distortResponse } from '#infra/local/simulated/faults/fault-injection.ts'

const [storm, outage, slow] = profiles
const NOW = Date.UTC(2026, 10, 20, 10, 4, 30)
const CYCLE_MS = 540_000
const TRUE_ANSWER = coingecko(1, NOW, '/global', new URLSearchParams())

/** What is in store for the first calls to a provider; by default in the world that `npm start` shows. */
function faults(profile: Profile, calls: number, { seed = 1, provider = 'coingecko', now = NOW } = {}) {
  return Array.from({ length: calls }, (_, index) =>
    faultFor(profile, { seed, provider, call: index + 1, now }),
  )
}

function kinds(inStore: readonly (Fault | undefined)[]) {
  return new Set(inStore.map((fault) => fault?.kind ?? 'good'))
}

test.each(profiles)('the same call of $name always has the same fault', (profile) => {
  const once = faults(profile, 200)
  const again = faults(profile, 200)

  expect(again).toEqual(once)
})

test('another seed or provider has another storm', () => {
  const here = faults(storm, 24)
  const otherWorld = faults(storm, 24, { seed: 2 })
  const otherProvider = faults(storm, 24, { provider: 'other' })

  expect(otherWorld).not.toEqual(here)
  expect(otherProvider).not.toEqual(here)
})

test('every round of a storm has every fault once and nearly half of good answers, in another order', () => {
  const rounds = [0, 1, 2, 3].map((round) => faults(storm, 96).slice(round * 24, (round + 1) * 24))

  const texts = rounds.map((round) => round.map((fault) => (fault ? faultText(fault) : 'good')))
  for (const round of rounds) {
    expect(round.filter((fault) => fault === undefined)).toHaveLength(11)
    expect(kinds(round)).toEqual(
      new Set([
        'good',
        'status',
        'html',
        'empty',
        'hang',
        'trickle',
        'truncated',
        'cut',
        'drift',
        'absurd',
        'older',
        'rate-limited',
      ]),
    )
    expect(round).toContainEqual({ kind: 'status', status: 500 })
    expect(round).toContainEqual({ kind: 'status', status: 404 })
  }
  expect(new Set(texts.map((round) => round.join())).size).toBe(4)
})

test('particulars vary: waits of seconds and up to 90, every absurd amount, answers older by minutes and hours', () => {
  const inStore = faults(storm, 24 * 40).filter((fault) => fault !== undefined)

  const waits = inStore.flatMap((fault) => (fault.kind === 'rate-limited' ? [fault.retryAfterS] : []))
  const amounts = inStore.flatMap((fault) => (fault.kind === 'absurd' ? [fault.amount] : []))
  const ages = inStore.flatMap((fault) => (fault.kind === 'older' ? [fault.byMs / 60_000] : []))
  expect(waits).toEqual(expect.arrayContaining([1, 2, 3]))
  expect(Math.max(...waits)).toBeGreaterThan(75)
  expect(Math.max(...waits)).toBeLessThanOrEqual(90)
  expect(new Set(amounts)).toEqual(new Set([0, -1, 1e308]))
  expect(Math.min(...ages)).toBeGreaterThanOrEqual(10)
  expect(Math.max(...ages)).toBeGreaterThan(120)
})

test('an outage is nothing but resets and 503 for three minutes, then all is well for six', () => {
  const start = Math.ceil(NOW / CYCLE_MS) * CYCLE_MS

  const at = (seconds: number) => kinds(faults(outage, 40, { now: start + seconds * 1_000 }))

  expect([180, 539.999].map(at)).toEqual(Array(2).fill(new Set(['good'])))
  expect([0, 179.999, 540].map(at)).toEqual(Array(3).fill(new Set(['reset', 'status'])))
})

test('slow has late answers, trickles that end in time and some that do not, and silence', () => {
  const inStore = faults(slow, 200)

  const trickles = inStore.flatMap((fault) => (fault?.kind === 'trickle' ? [fault.intervalMs] : []))
  expect(kinds(inStore)).toEqual(new Set(['late', 'trickle', 'hang']))
  expect(Math.min(...trickles) * TRUE_ANSWER.body.length).toBeLessThan(5_000)
  expect(Math.max(...trickles) * TRUE_ANSWER.body.length).toBeGreaterThan(10_000)
})

test('calls are numbered by provider from the first number on, and each is reported', () => {
  const logged: CallFault[] = []
  const next = faultSequence({ profile: storm, firstCall: 9 }, 1, (call) => logged.push(call))

  const got = [next('coingecko', NOW), next('other', NOW), next('coingecko', NOW)]

  expect(logged.map(({ provider, call }) => `${provider} ${call}`)).toEqual([
    'coingecko 9',
    'other 9',
    'coingecko 10',
  ])
  expect(logged.map(({ fault }) => fault)).toEqual(got)
  expect([got[0], got[2]]).toEqual(faults(storm, 10).slice(8))
})

test('a call is described in words', () => {
  const text = (fault?: Fault) => callText({ provider: 'coingecko', call: 17, fault })

  expect(text()).toBe('coingecko  call 17: a good response')
  expect(text({ kind: 'rate-limited', retryAfterS: 3 })).toBe(
    'coingecko  call 17: status 429, Retry-After: 3',
  )
})

test('absurd amounts replace every amount; counts and times stay', () => {
  const { data } = JSON.parse(distortResponse(TRUE_ANSWER, { kind: 'absurd', amount: -1 }).body)
  const { data: truth } = JSON.parse(TRUE_ANSWER.body)

  expect(data).toEqual({
    ...truth,
    total_market_cap: { btc: -1, usd: -1, eur: -1 },
    total_volume: { btc: -1, usd: -1, eur: -1 },
    market_cap_percentage: { btc: -1, eth: -1, usdt: -1 },
    market_cap_change_percentage_24h_usd: -1,
  })
})

test('1e308 stays a number in JSON', () => {
  const { body } = distortResponse(TRUE_ANSWER, { kind: 'absurd', amount: 1e308 })

  expect(JSON.parse(body).data.total_volume.usd).toBe(1e308)
})

test('drift leaves out exactly one member, whichever share it is', () => {
  const names = (body: string) => body.match(/"\w+":/g) ?? []

  const left = Array.from({ length: 100 }, (_, index) =>
    distortResponse(TRUE_ANSWER, { kind: 'drift', share: index / 100 }),
  ).map(({ body }) => body)

  expect(new Set(left).size).toBe(names(TRUE_ANSWER.body).length)
  expect(left[0]).toBe('{}')
  expect(JSON.parse(left.at(-1) ?? '').data).not.toHaveProperty('updated_at')
  expect(left.every((body) => names(body).length < names(TRUE_ANSWER.body).length)).toBe(true)
})

test('an answer without members has none to miss', () => {
  const answer = { ...TRUE_ANSWER, body: '[]' }

  expect(distortResponse(answer, { kind: 'drift', share: 0.5 }).body).toBe('[]')
})

test('truncated JSON is the beginning of the true one', () => {
  const { body } = distortResponse(TRUE_ANSWER, { kind: 'truncated', share: 0.5 })

  expect(TRUE_ANSWER.body.startsWith(body)).toBe(true)
  expect(body.length).toBe(Math.floor(TRUE_ANSWER.body.length / 2))
})

test.each([
  [{ kind: 'status', status: 500 }, 500, '{"error":"injected by the chaos profile"}'],
  [{ kind: 'empty' }, 200, '{}'],
  [{ kind: 'html' }, 200, expect.stringMatching(/^<!doctype html>/)],
  [{ kind: 'hang' }, 200, TRUE_ANSWER.body],
  [{ kind: 'older', byMs: 1 }, 200, TRUE_ANSWER.body],
] as const)('%j is sent with status %d', (fault, status, body) => {
  const answer = distortResponse(TRUE_ANSWER, fault)

  expect([answer.status, answer.body]).toEqual([status, body])
})

test('a rate limit has its duration', () => {
  const { status, headers } = distortResponse(TRUE_ANSWER, { kind: 'rate-limited', retryAfterS: 42 })

  expect([status, headers['retry-after']]).toEqual([429, '42'])
})

test.each<Fault>([
  { kind: 'drift', share: 0.5 },
  { kind: 'absurd', amount: -1 },
])('a body that is not JSON has no member to change: $kind', (fault) => {
  const sentence = { status: 200, headers: {}, body: 'Please limit requests.' }

  expect(distortResponse(sentence, fault)).toEqual(sentence)
})
