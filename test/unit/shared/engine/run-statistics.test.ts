import { expect, test } from 'vitest'
import { RefreshError } from '#shared/domain/errors.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'
import { run } from '#shared/engine/run.ts'
import { priceBody, pricesWorld } from '#test/fakes/jobs/prices.ts'

const T0 = Date.UTC(2026, 10, 20, 12, 1, 0)
const MINUTE = 60_000
const JOB = 'prices-items'

function pricesSystem(symbols: readonly string[] = ['AAA']) {
  const world = pricesWorld('items', symbols, T0)
  const good = () => world.script(({ url }) => ({ status: 200, body: priceBody(url, 1, world.clock.now()) }))
  const figures = async (): Promise<JobState['statistics']> => (await world.store.states.get(JOB)).statistics
  good()
  return { world, good, figures }
}

test('every run of the whole plan counts once in the statistics, whatever its outcome', async () => {
  const { world, good, figures } = pricesSystem()
  await world.tick(T0)
  world.script(() => ({ status: 200, body: '<html>' }))
  await world.tick(T0 + 5 * MINUTE)
  good()
  await world.run({ cause: 'operator' })

  expect((await figures())?.total).toMatchObject({ runs: 3, failed: 1, mostlyFailed: 0 })
})

test('skipped runs, repeated ticks and runs of one key do not count in the statistics', async () => {
  const { world, figures } = pricesSystem()
  await world.tick(T0)
  const before = await figures()
  world.clock.advance(MINUTE)
  const pause = { until: T0 + 60 * MINUTE, reason: 'x', by: 'operator-2' }

  await world.tick(T0)
  await world.run({ cause: 'operator', key: 'AAA' })
  world.store.memory.controls.set(JOB, { revision: 1, pause })
  await world.tick(T0 + 5 * MINUTE)

  expect(before?.total.runs).toBe(1)
  expect(await figures()).toEqual(before)
})

test('the statistics have the duration and the retries of a run', async () => {
  const { world, figures } = pricesSystem(['AAA', 'BBB', 'CCC'])
  world.script(async ({ url }, call) => {
    await world.clock.sleep(1_000)
    return call <= 2 ? { status: 500, body: '' } : { status: 200, body: priceBody(url, 1, T0) }
  })

  const run = await world.tick(T0)

  const { durations, hours } = (await figures()) ?? {}
  expect(durations).toEqual([(run.endedAt ?? 0) - T0])
  expect(hours?.rows).toEqual([[1, 0, 2, durations?.[0]]])
  expect(world.lines).toMatchObject([{ attempts: 5, retries: 2 }])
})

test('a response is slow above five seconds, whatever its status, and one that never came is not', async () => {
  const { world, figures } = pricesSystem(['AAA', 'BBB', 'CCC', 'DDD'])
  const delays: Readonly<Record<string, number>> = { AAA: 5_000, BBB: 5_001, CCC: 6_000 }
  world.script(async ({ url, timeoutMs }) => {
    const symbol = url.searchParams.get('symbol') ?? ''
    await world.clock.sleep(delays[symbol] ?? timeoutMs)
    if (symbol === 'DDD') throw new RefreshError('timeout', 'no response')
    return symbol === 'CCC' ? { status: 404, body: '{}' } : { status: 200, body: priceBody(url, 1, T0) }
  })

  await world.tick(T0)

  const [line] = world.lines.filter(({ outcome }) => outcome !== undefined)
  const [row] = (await figures())?.responses?.rows ?? []
  expect(line).toMatchObject({ slow_responses: 2 })
  expect(row).toEqual([line?.['attempts'], 2, 0])
})

test('a run in which most keys failed is partial, and counted separately', async () => {
  const { world, figures } = pricesSystem(['AAA', 'BBB', 'CCC'])
  world.script(({ url }) => {
    const isGood = url.searchParams.get('symbol') === 'AAA'
    return isGood ? { status: 200, body: priceBody(url, 1, T0) } : { status: 404, body: '{}' }
  })

  const { status } = await world.tick(T0)

  expect(status).toBe('partial')
  expect((await figures())?.total).toMatchObject({ runs: 1, failed: 0, mostlyFailed: 1 })
})

test('the sums over the values of a run are fields of its log line, also of a run of one key', async () => {
  const { work, lines, script } = pricesWorld('items', ['AAA'], T0)
  script(({ url }) => ({ status: 200, body: priceBody(url, 1, T0) }))
  const refresh = { ...work.refresh, totals: () => ({ dropped_count: 2 }) }

  await run({ cause: 'cold-read', key: 'AAA' }, { ...work, refresh })

  expect(lines.find(({ outcome }) => outcome !== undefined)).toMatchObject({ key: 'AAA', dropped_count: 2 })
})
