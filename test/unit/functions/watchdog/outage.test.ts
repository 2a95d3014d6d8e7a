import { describe, expect, test } from 'vitest'
import { jobAlarms, stageAlarms } from '#infra/alarms/alarms.ts'
import { globalBody, globalMarketWorld, UPDATED_AT } from '#test/fakes/jobs/global-market.ts'
import type { Reply } from '#test/fakes/world/world.ts'
import { alarmChanges, simulateWatchdog } from '#test/support/infra/alarms.ts'

const HOUR = 60
const SIX_HOURS = 6 * HOUR

interface Outage {
  readonly reply?: Reply | Promise<never>
  /** Whether ticks are delivered; `true` by default. */
  readonly ticks?: boolean
  /** Whether the process of each run dies. */
  readonly dies?: boolean
}

const DOWN: Outage = { reply: { status: 503, body: 'down' } }

/** Two and a half days take seconds, so that each outage is gone through once. */
const outages = new Map<Outage, ReturnType<typeof goneThrough>>()

function outageOf(outage: Outage) {
  const passed = outages.get(outage) ?? goneThrough(outage)
  outages.set(outage, passed)
  return passed
}

/** A day of health, six hours of the outage, and long enough for all to be forgotten. */
async function goneThrough({ reply, ...how }: Outage) {
  const world = globalMarketWorld()
  const start = world.clock.now()
  const good = (): Reply => ({
    status: 200,
    body: globalBody({ updatedAt: UPDATED_AT + Math.floor((world.clock.now() - start) / 1_000) }),
  })
  const { pass, samples } = simulateWatchdog(world)
  world.script(good)
  await pass({ minutes: 24 * HOUR, watchEvery: 5 })
  const begun = world.clock.now()
  if (reply !== undefined) world.script(() => reply)
  await pass({ minutes: SIX_HOURS, ...how })
  world.script(good)
  await pass({ minutes: 3 * HOUR })
  await pass({ minutes: 27 * HOUR, watchEvery: 5 })

  const { job } = world.work
  const alarms = [...jobAlarms('test', job), ...stageAlarms('test')].filter(
    ({ series }) => series.kind === 'freshet',
  )
  const changes = Object.fromEntries(alarms.map((spec) => [spec.kind, alarmChanges(spec, samples)]))
  const rang = alarms.filter(({ kind }) => changes[kind]?.length).map(({ kind }) => kind)
  return { world, begun, changes, rang }
}

const OVER_A_DAY = ['success-ratio', 'freshness'] as const

describe.each([
  ['the provider answers 503', DOWN, ['overdue', 'failing', ...OVER_A_DAY, 'upstream-cooling']],
  [
    'the provider does not answer',
    { reply: 'hang' },
    ['overdue', 'failing', ...OVER_A_DAY, 'upstream-cooling'],
  ],
  [
    'the provider refuses the key',
    { reply: { status: 401, body: 'no' } },
    ['overdue', 'failing', 'freshness', 'key-refused'],
  ],
  ['no tick is delivered', { ticks: false }, ['overdue', 'missed-ticks', ...OVER_A_DAY]],
  [
    'every run dies',
    { reply: new Promise<never>(() => {}), dies: true },
    ['overdue', 'failing', 'abandoned-runs', ...OVER_A_DAY],
  ],
] as const)('an outage of six hours in which %s', (_, outage, ringing) => {
  test('rings each alarm once and ends it once, not once a tick', async () => {
    const { rang, changes } = await outageOf(outage)

    expect(rang).toEqual(ringing)
    for (const kind of rang)
      expect([kind, changes[kind]?.map(({ to }) => to)]).toEqual([kind, ['ALARM', 'OK']])
  })
})

test('an outage ends its alarms without an operator: at once what is about now, within a day what is about the last day', async () => {
  const { changes, begun } = await outageOf(DOWN)

  const hoursAfter = (kind: string) => changes[kind]?.map(({ at }) => Math.round((at - begun) / 3_600_000))

  expect(Object.fromEntries(Object.keys(changes).map((kind) => [kind, hoursAfter(kind)]))).toEqual({
    overdue: [1, 6],
    failing: [1, 6],
    'missed-ticks': [],
    'abandoned-runs': [],
    'success-ratio': [2, 27],
    retries: [],
    'slow-runs': [],
    'slow-upstream': [],
    'many-keys-failed': [],
    freshness: [2, 28],
    'key-refused': [],
    'upstream-cooling': [1, 6],
    throttled: [],
    'memory-fallback': [],
  })
})

test('an outage reads as one thing: every failure and every condition names the one upstream', async () => {
  const { world } = await outageOf(DOWN)

  const published = world.events.filter(({ type }) => type === 'run.failed' || type === 'condition.breached')
  const conditions = published.flatMap((event) =>
    event.type === 'condition.breached' ? [event.detail.condition] : [],
  )

  expect(published.length).toBeGreaterThan(10)
  expect(new Set(published.map(({ detail }) => 'upstream' in detail && detail.upstream))).toEqual(
    new Set(['coingecko']),
  )
  expect(conditions.toSorted()).toEqual([
    'failing',
    'freshness',
    'overdue',
    'success-ratio',
    'upstream-cooling',
  ])
})
