import { expect, test } from 'vitest'
import { compress } from '#shared/domain/codec.ts'
import { LIST, projectStatistics, projectsWorld } from '#test/fakes/jobs/projects.ts'
import { sampleItem, T0 } from '#test/fakes/store/samples.ts'

const STATISTICS = {
  id: 'project-statistics',
  inputs: [{ items: 'projects' }],
} as const

function listOf(...ids: readonly string[]) {
  const body = new Uint8Array(compress(JSON.stringify({ ids })))
  const times = { fetchedAt: T0, checkedAt: T0, asOf: T0, freshUntil: T0 + 60_000, staleUntil: T0 + 120_000 }
  return sampleItem({ key: LIST, body, ...times, expiresAt: T0 + 180_000 })
}

async function statisticsWorld() {
  const base = projectsWorld(projectStatistics, { job: STATISTICS })
  await base.store.items.put('projects', listOf('10', '20'), T0)
  base.script(() => ({ status: 200, body: { members: 7 } }))
  const paths = () => base.calls.map(({ url }) => url.pathname.split('/').at(-1))
  return { ...base, paths }
}

test('the items under the index keys decide which keys are read and planned', async () => {
  const { run, paths, store, clock } = await statisticsWorld()
  await run({ cause: 'operator', key: '20' })
  clock.advance(1_000)

  const ended = await run({ cause: 'operator' })

  expect(ended).toMatchObject({ status: 'succeeded', counts: { planned: 2, published: 1, unchanged: 1 } })
  // the stored item of 20 was read under a key that the index named: 10, which has none, comes first
  expect(paths()).toEqual(['20', '10', '20'])
  expect(await store.items.get(STATISTICS.id, LIST)).toBeUndefined()
})

test('a run of one key reads the whole index, and plans that key only', async () => {
  const { run, paths } = await statisticsWorld()

  const ended = await run({ cause: 'operator', key: '10' })

  expect(ended).toMatchObject({ status: 'succeeded', counts: { planned: 1, published: 1 } })
  expect(paths()).toEqual(['10'])
})

test('a key that the index does not name is not refreshed', async () => {
  const { run, paths } = await statisticsWorld()

  expect(await run({ cause: 'operator', key: '30' })).toMatchObject({
    status: 'skipped',
    reason: 'nothing-to-do',
  })
  expect(paths()).toEqual([])
})

test('an index that may not be served any more counts as missing', async () => {
  const { run, paths, clock } = await statisticsWorld()
  clock.advance(120_000)

  expect(await run({ cause: 'operator' })).toMatchObject({ status: 'skipped', reason: 'nothing-to-do' })
  expect(paths()).toEqual([])
})

test('a simulated index does not label values that the provider itself sent', async () => {
  const { run, store } = await statisticsWorld()
  await store.items.put('projects', { ...listOf('10'), fence: 2, dataSource: 'simulated' }, T0)

  await run({ cause: 'operator' })

  expect(await store.items.get(STATISTICS.id, '10')).toMatchObject({ dataSource: 'live' })
})

test('a run whose index cannot be read fails and makes no call', async () => {
  const base = projectsWorld(projectStatistics, {
    job: STATISTICS,
    faults: (store) => ({
      ...store,
      items: {
        ...store.items,
        getMany: async (job, keys, options) => {
          if (keys.includes(LIST)) throw new Error('the table does not answer')
          return store.items.getMany(job, keys, options)
        },
      },
    }),
  })

  expect(await base.run({ cause: 'operator' })).toMatchObject({ status: 'failed', reason: 'store' })
  expect(base.calls).toEqual([])
})
