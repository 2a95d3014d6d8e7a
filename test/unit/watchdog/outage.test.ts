import { describe, expect, test } from 'vitest'
import { alarmsOfJob } from '#infra/job-alarms.ts'
import { alarmsOfStage } from '#infra/stage-alarms.ts'
import { globalBody, globalMarketWorld, UPDATED_AT } from '#test/fakes/global-market.ts'
import type { Reply } from '#test/fakes/world.ts'
import { alarmChanges } from '#test/support/alarm-changes.ts'
import { watchedWorld } from '#test/support/watched-world.ts'

const HOUR = 60
const SIX_HOURS = 6 * HOUR

const DOWN: Reply = { status: 503, body: 'down' }

/** Two and a half days take seconds, so that each outage is gone through once. */
const outages = new Map<Reply, ReturnType<typeof goneThrough>>()

function outageOf(reply: Reply) {
  const outage = outages.get(reply) ?? goneThrough(reply)
  outages.set(reply, outage)
  return outage
}

/** A day of health, six hours in which the provider answers otherwise, and long enough for all to be forgotten. */
async function goneThrough(reply: Reply) {
  const world = globalMarketWorld()
  const start = world.clock.now()
  const good = (): Reply => ({
    status: 200,
    body: globalBody({ updatedAt: UPDATED_AT + Math.floor((world.clock.now() - start) / 1_000) }),
  })
  const { pass, samples } = watchedWorld(world)
  world.script(good)
  await pass({ minutes: 24 * HOUR })
  const begun = world.clock.now()
  world.script(() => reply)
  await pass({ minutes: SIX_HOURS })
  world.script(good)
  await pass({ minutes: 30 * HOUR })

  const { job } = world.work
  const alarms = [...alarmsOfJob('test', job), ...alarmsOfStage('test')].filter(
    ({ series }) => series.of === 'freshet',
  )
  const changes = Object.fromEntries(alarms.map((spec) => [spec.kind, alarmChanges(spec, samples)]))
  const rang = alarms.filter(({ kind }) => changes[kind]?.length).map(({ kind }) => kind)
  return { world, begun, changes, rang }
}

describe.each([
  ['answers 503', DOWN, ['overdue', 'failing', 'success-ratio', 'freshness', 'upstream-cooling']],
  ['does not answer', 'hang', ['overdue', 'failing', 'success-ratio', 'freshness', 'upstream-cooling']],
  ['refuses the key', { status: 401, body: 'no' }, ['overdue', 'failing', 'freshness', 'key-refused']],
] as const)('an outage of six hours in which the provider %s', (_, reply, ringing) => {
  test('rings each alarm once and ends it once, not once a tick', async () => {
    const { rang, changes } = await outageOf(reply)

    expect(rang).toEqual(ringing)
    for (const kind of rang)
      expect([kind, changes[kind]?.map(({ to }) => to)]).toEqual([kind, ['ALARM', 'OK']])
  })
})

test('an outage ends its alarms by itself: at once what is about now, within a day what is about the last day', async () => {
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
    freshness: [2, 28],
    'key-refused': [],
    'upstream-cooling': [1, 6],
  })
})

test('an outage reads as one thing: every failure and every condition names the one upstream', async () => {
  const { world } = await outageOf(DOWN)

  const told = world.events.filter(({ type }) => type === 'run.failed' || type === 'condition.breached')
  const conditions = told.flatMap((event) =>
    event.type === 'condition.breached' ? [event.detail.condition] : [],
  )

  expect(told.length).toBeGreaterThan(10)
  expect(new Set(told.map(({ detail }) => 'upstream' in detail && detail.upstream))).toEqual(
    new Set(['coingecko']),
  )
  expect(conditions.toSorted()).toEqual(['freshness', 'success-ratio', 'upstream-cooling'])
})
