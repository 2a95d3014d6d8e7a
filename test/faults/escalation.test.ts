import { describe, expect, test } from 'vitest'
import type { Store } from '#shared/domain/ports/store.ts'
import { LIST, projects, projectsWorld, REFUSAL, refusing } from '#test/fakes/jobs/projects.ts'
import type { Reply } from '#test/fakes/world/world.ts'

const IDS = ['10', '20', '30', '40', '50']

/**
 * A run whose provider refuses each detail while the table refuses to store, or to read, the row of failures.
 *
 * @param fails - decides for each call of the provider's state; `hasRow` when a write would store a row
 */
function faultyWorld(fails: (call: { readonly writes: boolean; readonly hasRow: boolean }) => boolean) {
  const faults = (store: Store): Store => ({
    ...store,
    upstreams: {
      get: async (name) => {
        if (fails({ writes: false, hasRow: false })) throw new Error('the table does not answer')
        return store.upstreams.get(name)
      },
      replace: async (name, to) => {
        if (fails({ writes: true, hasRow: to.escalation !== undefined }))
          throw new Error('the table does not answer')
        return store.upstreams.replace(name, to)
      },
    },
  })
  const base = projectsWorld(projects, { upstream: refusing, faults })
  base.script(
    ({ url }): Reply => ({
      status: 200,
      body: url.pathname.endsWith(LIST) ? { ids: IDS } : REFUSAL,
    }),
  )
  const paths = () => base.calls.map(({ url }) => url.pathname.split('/').at(-1))
  return { ...base, paths }
}

describe('a row of failures that cannot be stored', () => {
  test('is counted by the run that saw it, which stops', async () => {
    const { run, paths, lines, store } = faultyWorld(({ hasRow }) => hasRow)

    const ended = await run({ cause: 'operator' })

    expect(ended).toMatchObject({ status: 'partial', reason: 'refused', counts: { published: 1, failed: 5 } })
    expect(paths()).toEqual([LIST, '10', '20', '30'])
    const errors = lines.filter(({ message }) => message === 'A failure that escalates could not be stored')
    expect(errors).toHaveLength(3)
    expect(await store.upstreams.get('coingecko')).not.toHaveProperty('escalation')
  })

  test('is stored with the next failure that can be stored', async () => {
    let attempts = 0
    const { run, store } = faultyWorld(({ hasRow }) => {
      if (hasRow) attempts += 1
      return hasRow && attempts === 1
    })

    await run({ cause: 'operator' })

    expect(await store.upstreams.get('coingecko')).toMatchObject({
      coolDown: { reason: 'refused' },
      escalation: { failures: 3, coolDownMs: 900_000 },
    })
  })
})

test('a state that cannot be read any more ends the run with its next block of calls', async () => {
  let failsReads = false
  const { run, script, paths, lines, store } = faultyWorld(({ writes }) => failsReads && !writes)
  script(({ url }): Reply => {
    failsReads = url.pathname.endsWith('20')
    return { status: 200, body: url.pathname.endsWith(LIST) ? { ids: IDS } : REFUSAL }
  })

  const ended = await run({ cause: 'operator' })

  expect(ended).toMatchObject({ status: 'partial', reason: 'store', counts: { published: 1, failed: 5 } })
  expect(paths()).toEqual([LIST, '10', '20'])
  expect(lines.map(({ message }) => message)).toContain('A failure that escalates could not be stored')
  expect((await store.upstreams.get('coingecko')).escalation).toEqual({ failures: 1 })
})

test('a success that cannot end a row leaves it to the next success', async () => {
  let failsWrites = false
  const { run, script, store, lines } = faultyWorld(({ writes, hasRow }) => failsWrites && writes && !hasRow)
  await run({ cause: 'operator', key: '10' })
  script(() => ({ status: 200, body: { members: 1 } }))
  failsWrites = true
  await run({ cause: 'operator', key: '20' })
  const kept = await store.upstreams.get('coingecko')
  failsWrites = false
  await run({ cause: 'operator', key: '30' })

  expect(kept.escalation).toEqual({ failures: 1 })
  expect(await store.upstreams.get('coingecko')).not.toHaveProperty('escalation')
  expect(lines.map(({ message }) => message)).toContain('The end of a row of failures could not be stored')
})
