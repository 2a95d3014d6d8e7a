import { describe, expect, test } from 'vitest'
import { countFailures } from '#shared/engine/rate-limit/escalation.ts'
import { LIST, projects, projectsWorld, REFUSAL, refusing } from '#test/fakes/jobs/projects.ts'
import { T0 } from '#test/fakes/store/samples.ts'
import type { Reply } from '#test/fakes/world/world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const IDS = ['10', '20', '30', '40', '50']

/** Projects of a provider that refuses some requests; the list is stored. */
async function refusedWorld(options: Parameters<typeof projectsWorld>[1] = {}) {
  const base = projectsWorld(projects, { ...options, upstream: { ...refusing, ...options.upstream } })
  const name = ({ url }: { readonly url: URL }) => url.pathname.split('/').at(-1) ?? ''
  const refuse = (...refused: readonly string[]) =>
    base.script((request): Reply => {
      if (refused.includes(name(request))) return { status: 200, body: REFUSAL }
      return { status: 200, body: name(request) === LIST ? { ids: IDS } : { members: 1 } }
    })
  const state = () => base.store.upstreams.get('coingecko')
  const paths = () => base.calls.splice(0).map(name)
  const run = () => base.run({ cause: 'operator' })
  const runKey = (key: string) => base.run({ cause: 'operator', key })
  refuse()
  return { ...base, refuse, state, paths, run, runKey }
}

describe('failures that escalate', () => {
  test('concern their items only, and the others are refreshed', async () => {
    const { run, refuse, state, paths } = await refusedWorld()
    refuse('20', '40')

    const ended = await run()

    expect(ended).toMatchObject({ status: 'partial', reason: 'refused', counts: { published: 4, failed: 2 } })
    expect(paths()).toEqual([LIST, ...IDS])
    expect(await state()).not.toHaveProperty('coolDown')
  })

  test('stop the run and start a cool-down of the provider when so many come in a row', async () => {
    const { run, refuse, state, paths, clock } = await refusedWorld()
    refuse('20', '30', '40')

    const ended = await run()

    expect(ended).toMatchObject({ status: 'partial', reason: 'refused', counts: { published: 2, failed: 4 } })
    expect(paths()).toEqual([LIST, '10', '20', '30', '40'])
    const { coolDown, escalation } = await state()
    expect(coolDown).toMatchObject({ reason: 'refused' })
    expect((coolDown?.until ?? 0) - clock.now()).toBeLessThanOrEqual(15 * MINUTE)
    expect(escalation).toEqual({ failures: 3, coolDownMs: 15 * MINUTE })
    expect(await run()).toMatchObject({ status: 'skipped', reason: 'upstream-cooling' })
    expect(paths()).toEqual([])
  })

  test('are counted over runs', async () => {
    const { runKey, refuse, state } = await refusedWorld()
    refuse('10')

    const statuses = [await runKey('10'), await runKey('10')].map(({ reason }) => reason)
    const { escalation } = await state()
    const third = await runKey('10')

    expect(statuses).toEqual(['refused', 'refused'])
    expect(escalation).toEqual({ failures: 2 })
    expect(third.message).toMatch(/code 1059 .*; 3 such failures in a row, cooling down until 2026-/)
    const { until = 0 } = (await state()).coolDown ?? {}
    expect(Math.round((until - T0) / MINUTE)).toBe(15)
  })

  test('begin again after a successful answer, and other failures neither count nor end the row', async () => {
    const { runKey, refuse, script, state } = await refusedWorld()
    refuse('10')
    await runKey('10')
    script(() => ({ status: 400, body: {} }))
    await runKey('20')
    const afterOther = await state()
    refuse('10')
    await runKey('10')
    await runKey('30')

    expect(afterOther.escalation).toEqual({ failures: 1 })
    expect(await state()).not.toHaveProperty('escalation')
  })

  test('double the cool-down with the first failure after it, up to the longest one, until an answer succeeds', async () => {
    const { runKey, refuse, state, clock } = await refusedWorld()
    refuse('10')
    await runKey('10')
    await runKey('10')
    const lengths: number[] = []
    for (let index = 0; index < 7; index += 1) {
      await runKey('10')
      const { coolDown } = await state()
      lengths.push((coolDown?.until ?? 0) - clock.now())
      clock.advance((coolDown?.until ?? 0) - clock.now() + 1)
    }
    refuse()
    await runKey('10')

    const minutes = lengths.map((ms) => Math.round(ms / MINUTE))
    expect(minutes).toEqual([15, 30, 60, 120, 240, 360, 360])
    expect(await state()).not.toHaveProperty('escalation')
    expect(await state()).not.toHaveProperty('coolDown')
  })

  test('of a provider without escalation start none', async () => {
    const { escalation: _none, ...upstream } = refusing
    const base = projectsWorld(projects, { upstream })
    base.script(({ url }) =>
      url.pathname.endsWith(LIST) ? { status: 200, body: { ids: IDS } } : { status: 200, body: REFUSAL },
    )

    const ended = await base.run({ cause: 'operator' })

    expect(ended).toMatchObject({ status: 'partial', counts: { published: 1, failed: 5 } })
    expect(await base.store.upstreams.get('coingecko')).not.toHaveProperty('escalation')
  })
})

test('a success without failures before it writes no state beyond what every run writes', async () => {
  const revisions = async (escalation: (typeof refusing)['escalation'] | undefined) => {
    const { escalation: _declared, ...rest } = refusing
    const base = projectsWorld(projects, { upstream: { ...rest, ...(escalation ? { escalation } : {}) } })
    base.script(() => ({ status: 200, body: { ids: [] } }))
    await base.run({ cause: 'operator' })
    return (await base.store.upstreams.get('coingecko')).revision
  }

  expect(await revisions(refusing.escalation)).toBe(await revisions(undefined))
})

test('answers that arrive during the cool-down neither lengthen it nor change the state', () => {
  const coolDown = { until: T0 + HOUR, reason: 'refused' } as const
  const state = { coolDown, escalation: { failures: 3, coolDownMs: HOUR } }
  const failure = { reason: 'refused', message: 'the provider refuses the call' } as const

  expect(countFailures(state, 1, failure, refusing.escalation, T0)).toEqual({ coolDown })
})
