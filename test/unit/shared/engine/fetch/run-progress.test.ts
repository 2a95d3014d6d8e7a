import { expect, test } from 'vitest'
import type { RunProgress } from '#shared/domain/records/run-record.ts'
import { priceBody, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'

const START = Date.UTC(2026, 10, 20, 12)
const COUNT = 60

/** A run whose calls take a second each; every tenth one fails. What its record has at each call. */
async function slowRun() {
  const world = pricesWorld('items', symbolNames(COUNT), START)
  const observed: (RunProgress | undefined)[] = []
  world.script(async ({ url }, call) => {
    await world.clock.sleep(1_000)
    observed.push([...world.store.memory.runs.values()][0]?.progress)
    return call % 10 === 0
      ? { status: 404, body: 'no such symbol' }
      : { status: 200, body: priceBody(url, call, world.clock.now()) }
  })
  return { world, observed }
}

test('a run that lasts stores how many of its requests have ended, at most every three seconds', async () => {
  const { world, observed } = await slowRun()

  const ended = await world.run({ cause: 'operator' })

  const progress = observed.filter((value) => value !== undefined)
  const distinct = [...new Set(progress.map((value) => JSON.stringify(value)))].map((text) =>
    JSON.parse(text),
  )
  const seconds = ((ended.endedAt ?? 0) - START) / 1_000
  expect(observed[0]).toBeUndefined()
  expect(distinct.length).toBeGreaterThan(0)
  expect(distinct.length).toBeLessThanOrEqual(seconds / 3)
  for (const value of distinct) expect(value.planned).toBe(COUNT)
  expect(distinct.map(({ done }) => done)).toEqual(distinct.map(({ done }) => done).sort((a, b) => a - b))
  expect(distinct.at(-1).failed).toBeGreaterThan(0)
})

test('a run that has ended has counts in place of progress', async () => {
  const { world } = await slowRun()

  const { id } = await world.run({ cause: 'operator' })

  const stored = await world.store.runs.get(world.work.job.id, id)
  expect(stored?.progress).toBeUndefined()
  expect(stored?.counts).toMatchObject({ planned: COUNT, failed: 6 })
})

test('a run of less than three seconds writes no progress', async () => {
  const world = pricesWorld('items', symbolNames(8), START)
  let writes = 0
  world.store.runs.addProgress = async () => {
    writes += 1
  }
  world.script(({ url }, call) => ({ status: 200, body: priceBody(url, call, world.clock.now()) }))

  await world.run({ cause: 'operator' })

  expect(writes).toBe(0)
})

test('a run whose progress cannot be stored goes on, with a warning', async () => {
  const { world } = await slowRun()
  world.store.runs.addProgress = () => Promise.reject(new Error('throttled'))

  const ended = await world.run({ cause: 'operator' })

  expect(ended.status).toBe('partial')
  expect(world.lines.filter(({ level }) => level === 'WARN').map(({ message }) => message)).toContain(
    'The progress of a run could not be stored',
  )
})
