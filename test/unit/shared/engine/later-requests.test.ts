import { expect, test } from 'vitest'
import { LIST, projects, projectsWorld } from '#test/fakes/jobs/projects.ts'
import { T0 } from '#test/fakes/store/samples.ts'
import { type StoreScript, unreliableStore } from '#test/fakes/store/unreliable-store.ts'
import type { Reply } from '#test/fakes/world/world.ts'

/** A provider whose list has these projects, each with as many members as its id says. */
function provider(...ids: readonly string[]) {
  return ({ url }: { readonly url: URL }): Reply => {
    const name = url.pathname.split('/').at(-1)
    return { status: 200, body: name === LIST ? { ids } : { members: Number(name) } }
  }
}

function listWorld(options: Parameters<typeof projectsWorld>[1] = {}) {
  const base = projectsWorld(projects, options)
  base.script(provider('10', '20'))
  const paths = () => base.calls.map(({ url }) => url.pathname.split('/').at(-1))
  return { ...base, paths }
}

test('the details of a list are fetched in the run that fetched the list', async () => {
  const { run, paths, store } = listWorld()

  const ended = await run({ cause: 'operator' })

  expect(ended).toMatchObject({
    status: 'succeeded',
    attempts: 3,
    counts: { planned: 3, published: 3, failed: 0 },
  })
  expect(paths()).toEqual([LIST, '10', '20'])
  expect(await store.items.get('projects', '20')).toMatchObject({ runId: ended.id })
  expect(await store.keys.list('projects')).toEqual(['10', '20', LIST])
})

test('a list that the provider confirms, or fails to send, is followed by the details of the stored one', async () => {
  const { run, script, paths, clock } = listWorld()
  await run({ cause: 'operator' })
  clock.advance(60_000)

  expect(await run({ cause: 'operator' })).toMatchObject({
    status: 'unchanged',
    counts: { planned: 3, unchanged: 3 },
  })
  clock.advance(60_000)
  script((request) =>
    request.url.pathname.endsWith(LIST) ? { status: 400, body: {} } : provider('10', '20')(request),
  )
  const ended = await run({ cause: 'operator' })

  expect(ended).toMatchObject({ status: 'partial', reason: 'bad-request', counts: { planned: 3, failed: 1 } })
  expect(paths().slice(-2)).toEqual(['10', '20'])
})

test('a project that leaves the list is not asked for any more, and one that appears is', async () => {
  const { run, script, paths, clock } = listWorld()
  await run({ cause: 'operator' })
  clock.advance(60_000)
  script(provider('20', '30'))

  await run({ cause: 'operator' })

  expect(paths().slice(3)).toEqual([LIST, '30', '20'])
})

test('a run of one key makes no later requests', async () => {
  const { run, paths } = listWorld()

  await run({ cause: 'operator', key: LIST })
  const ofDetail = await run({ cause: 'operator', key: '20' })

  expect(paths()).toEqual([LIST, '20'])
  expect(ofDetail).toMatchObject({ status: 'succeeded', counts: { planned: 1, published: 1 } })
})

test('a plan without requests is followed by those of the stored list', async () => {
  const { run, store } = listWorld()
  await run({ cause: 'operator' })
  const later = projectsWorld({ ...projects, plan: () => [] }, { store })
  later.script(provider('10', '20'))
  later.clock.advance(60_000)

  const ended = await later.run({ cause: 'operator' })

  expect(ended).toMatchObject({ status: 'unchanged', counts: { planned: 2, unchanged: 2 } })
  expect(later.calls).toHaveLength(2)
})

test('a run in which nothing follows an empty plan has nothing to do', async () => {
  const { run, calls } = projectsWorld({ ...projects, plan: () => [] })

  expect(await run({ cause: 'operator' })).toMatchObject({ status: 'skipped', reason: 'nothing-to-do' })
  expect(calls).toEqual([])
})

test('an override of the items limits the later requests, too', async () => {
  const { store, run, paths } = listWorld({ job: { overridable: ['items'] } })
  await store.controls.replace('projects', { revision: 1, change: 'a', overrides: { items: [LIST, '20'] } })

  await run({ cause: 'operator' })

  expect(paths()).toEqual([LIST, '20'])
})

test('a provider that stops the run after the list makes no call for the details (I7)', async () => {
  const { run, script, paths, clock } = listWorld()
  await run({ cause: 'operator' })
  clock.advance(60_000)
  script(() => ({ status: 403, body: {} }))

  const ended = await run({ cause: 'operator' })

  expect(ended).toMatchObject({ status: 'failed', reason: 'refused', counts: { planned: 3, failed: 3 } })
  expect(paths()).toHaveLength(4)
})

test('a run whose faults span both phases counts once for the circuit breaker', async () => {
  const { run, script, store, clock } = listWorld()
  await run({ cause: 'operator' })
  clock.advance(60_000)
  script(() => ({ status: 500, body: {} }))

  await run({ cause: 'operator' })

  expect((await store.upstreams.get('coingecko')).breaker).toEqual({ failures: 1 })
})

test('details that do not fit before the deadline are left to the next run, the oldest first', async () => {
  const { run, paths, clock, script } = listWorld({
    upstream: { limits: { perMinute: 6, burst: 2, concurrency: 1, scheduledShare: 0.9, zone: 'UTC' } },
  })
  script(provider('10', '20', '30', '40', '50'))

  const first = await run({ cause: 'operator' })
  const fetched = paths().slice(1)
  clock.advance(120_000)
  await run({ cause: 'operator' })

  expect(first).toMatchObject({ status: 'partial', reason: 'timeout', counts: { planned: 6 } })
  expect(fetched.length).toBeLessThan(5)
  const again = paths().slice(paths().lastIndexOf(LIST) + 1)
  expect(again[0]).toBe(['10', '20', '30', '40', '50'][fetched.length])
})

test('a key that plan and later requests both have is a defect: one run writes a key once', async () => {
  const { run, script, store } = projectsWorld({
    ...projects,
    laterRequests: () => [{ key: LIST, calls: [{ path: `/${LIST}` }] }],
  })
  script(provider('10'))

  const ended = await run({ cause: 'operator' })

  expect(ended).toMatchObject({
    status: 'partial',
    reason: 'defect',
    message: 'laterRequests: expected keys that the plan does not have, got list',
    counts: { planned: 1, published: 1 },
  })
  expect(await store.items.get('projects', LIST)).toBeDefined()
})

test('a run killed between list and details leaves the list readable, and the next run fetches the details', async () => {
  let reads = 0
  const dieAtDetails: StoreScript = ({ part, writes }) => {
    if (part === 'items' && !writes) reads += 1
    // the index before the plan, the plan's own key, then the index again
    return reads === 3 ? 'die' : 'pass'
  }
  let hasDied = () => {}
  const died = new Promise<void>((resolve) => {
    hasDied = resolve
  })
  const killed = listWorld({ faults: (store) => unreliableStore(store, dieAtDetails, () => hasDied()) })
  void killed.tick(T0)
  await died
  expect(await killed.store.items.get('projects', LIST)).toBeDefined()
  expect(killed.paths()).toEqual([LIST])

  const next = projectsWorld(projects, { store: killed.store })
  next.script(provider('10', '20'))
  next.clock.advance(60_000)
  const ended = await next.tick(T0 + 60_000)

  expect(ended).toMatchObject({ status: 'succeeded', counts: { planned: 3, published: 2, unchanged: 1 } })
})

test('a list that cannot be read again after it was published leaves a partial run', async () => {
  let reads = 0
  const refuseDetails: StoreScript = ({ part, writes }) => {
    if (part === 'items' && !writes) reads += 1
    return part === 'items' && reads >= 3 ? 'refuse' : 'pass'
  }
  const { run, paths } = listWorld({ faults: (store) => unreliableStore(store, refuseDetails) })

  const ended = await run({ cause: 'operator' })

  expect(ended).toMatchObject({ status: 'partial', reason: 'store', counts: { planned: 1, published: 1 } })
  expect(paths()).toEqual([LIST])
})
