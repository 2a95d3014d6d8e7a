import { watchJob } from '#functions/watchdog/watch.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { occurrences } from '#shared/declare/occurrences.ts'
import { every } from '#shared/declare/schedule.ts'
import { decompress } from '#shared/domain/codec.ts'
import { freshness } from '#shared/domain/freshness.ts'
import type { Item } from '#shared/domain/records/publication.ts'
import type { Previous, Refresh } from '#shared/engine/model/refresh.ts'
import type { RunRequest } from '#shared/engine/model/run-state.ts'
import { run } from '#shared/engine/run.ts'
import { type Price, priceBody, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'
import type { Reply } from '#test/fakes/world/world.ts'
import { scheduleOf, tinyJob } from '#test/support/jobs/test-jobs.ts'
import { explainDerived } from './explain-derived.ts'
import { chance } from './random.ts'
import { frailPorts } from './unreliable-ports.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const START = Date.UTC(2026, 10, 20, 12, 0, 0)
const STORM_END = START + 60 * MINUTE
const END = STORM_END + 30 * MINUTE
const INPUT = 'prices-items'
const DERIVED = 'doubles'

const FRESHNESS = { freshFor: '8 minutes', serveStaleFor: '15 minutes', keepFor: '25 minutes' } as const
const RUN = { mode: 'plain', deadline: '2 minutes', concurrency: 2 } as const

/** Twice the price of a symbol, with the time of the price that it was computed from. */
interface Double {
  readonly double: number
  readonly at: number
}

/** The stored price of a symbol. */
function priceOf(symbol: string, inputItems: ReadonlyMap<string, ReadonlyMap<string, Previous>>) {
  return inputItems.get(INPUT)?.get(symbol)?.data as { readonly data: Price } | undefined
}

/** Computes each key from the item of its input under the same key. */
function doubles(symbols: readonly string[]): Refresh<Double> {
  return {
    renderVersion: 1,
    keys: () => symbols,
    plan: ({ inputItems }) =>
      symbols.filter((key) => priceOf(key, inputItems) !== undefined).map((key) => ({ key, calls: [] })),
    parse: (_bodies, { key, inputItems }) => {
      const { price, at } = (priceOf(key, inputItems) as { readonly data: Price }).data
      return { double: 2 * Number(price), at }
    },
    accept: () => ({ accepted: true }),
    item: ({ double, at }) => ({ data: { double, at }, asOf: at, degraded: false }),
  }
}

/**
 * A job, and one that computes its data from the items of the first, in a storm: events lost, late and twice, ticks lost and
 * twice, a provider that fails, processes that die or freeze between any two calls; then half an hour of peace.
 *
 * @returns what was violated, in order, and the number of derived values that were stored
 */
export async function simulateDerived(seed: number) {
  const luck = chance(seed)
  const symbols = symbolNames(3)
  const base = pricesWorld('items', symbols, START, {
    change: { freshness: FRESHNESS, run: { ...RUN, attempts: 2, backoff: '1 second' } },
  })
  const { clock, work, store } = base
  const { memory } = store
  const job = resolveJob(
    tinyJob({
      id: DERIVED,
      schedule: every('5 minutes', { offset: '3 minutes' }),
      upstream: [],
      inputs: [{ items: INPUT }],
      follows: [INPUT],
      freshness: FRESHNESS,
      run: RUN,
    }),
    {},
  )
  const isQuiet = () => clock.now() >= STORM_END
  const violations: string[] = []
  const expect = (holds: boolean, what: string) => {
    if (!holds) violations.push(`${new Date(clock.now()).toISOString().slice(11, 23)} ${what}`)
  }

  /** Every price that was stored, by symbol and time. */
  const prices = new Map<string, number>()
  const fences = new Map<string, number>()
  const publishers = new Map<number, number>()
  let processes = 0
  let stored = 0
  const bodyOf = ({ body }: Item) => JSON.parse(decompress(body).toString('utf8'))

  function checkDerived(process: number, name: string, item: Item) {
    const before = fences.get(name) ?? 0
    expect(item.fence >= before, `I1 fence of ${name} goes from ${before} to ${item.fence}`)
    if (item.fence === before) return
    fences.set(name, item.fence)
    const publisher = publishers.get(item.fence) ?? process
    expect(publisher === process, `I4 fence ${item.fence} is published by ${publisher} and ${process}`)
    publishers.set(item.fence, process)
    stored += 1
    const { double, at } = (bodyOf(item) as { readonly data: Double }).data
    const price = prices.get(`${item.key} ${at}`)
    expect(
      price !== undefined && double === 2 * price,
      `${item.key} is ${double}, computed from no stored price`,
    )
    expect(item.asOf === at, `${item.key} has another source time than its input`)
  }

  function afterStep(process: number) {
    for (const [name, item] of memory.items)
      if (name.startsWith(INPUT)) {
        const { price, at } = (bodyOf(item) as { readonly data: Price }).data
        prices.set(`${item.key} ${at}`, Number(price))
      }
    for (const [name, item] of memory.items) if (name.startsWith(DERIVED)) checkDerived(process, name, item)
  }

  const process = () => {
    processes += 1
    const id = processes
    return frailPorts(work.ports, {
      chance: luck,
      isQuiet,
      afterStep: () => afterStep(id),
      beforeCall: () => {},
    })
  }
  base.script(({ url }): Reply => {
    if (isQuiet() || luck.is(0.8))
      return { status: 200, body: priceBody(url, luck.between(1, 9), Math.floor(clock.now())) }
    return luck.pick<Reply>(['hang', 'reset', { status: 503, body: '' }, { status: 200, body: '<html>' }])
  })
  const { upstream: _, ...derivedWork } = work
  const refresh = doubles(symbols)
  const runDerived = (request: RunRequest) =>
    run(request, { ...derivedWork, job, refresh, ports: process() }).catch(() => {})
  const later = async (at: number, act: () => Promise<unknown>) => {
    await clock.sleep(at - clock.now())
    await act()
  }

  work.ports.bus.publish = async (event) => {
    if (event.type !== 'dataset.refreshed' || event.detail.job !== INPUT) return
    const { runId } = event.detail
    const at = Math.floor(clock.now() / SECOND) * SECOND
    for (let copies = isQuiet() ? 1 : luck.pick([0, 1, 1, 2]); copies > 0; copies -= 1)
      void later(clock.now() + luck.between(100, isQuiet() ? 2_000 : 90_000), () =>
        runDerived({ cause: 'input-refreshed', input: runId, event: { id: runId, at } }),
      )
  }
  const ticks = (ofJob: typeof job, act: (tick: number) => Promise<unknown>) => {
    for (const tick of occurrences(scheduleOf(ofJob), { after: START, until: END - MINUTE }))
      for (let copies = tick < STORM_END ? luck.pick([0, 1, 1, 1, 2]) : 1; copies > 0; copies -= 1)
        void later(tick + luck.between(0, 2 * SECOND), () => act(tick))
  }
  ticks(work.job, (tick) => run({ cause: 'tick', tick }, { ...work, ports: process() }).catch(() => {}))
  ticks(job, (tick) => runDerived({ cause: 'tick', tick }))
  const explaining = explainDerived(base, job, seed, {
    until: END,
    violate: (what) => expect(false, `explain: ${what}`),
  })
  while (clock.now() < END) {
    await watchJob(work.job, work.ports)
    await watchJob(job, work.ports)
    afterStep(0)
    await clock.sleep(MINUTE)
  }

  await explaining

  const derived = [...memory.items].filter(([name]) => name.startsWith(DERIVED))
  expect(
    derived.length === symbols.length,
    `I12 expected ${symbols.length} derived items, got ${derived.length}`,
  )
  for (const [name, item] of derived)
    expect(freshness(item, clock.now()) === 'fresh', `I12 ${name} is not fresh after the storm`)
  return { violations, stored }
}
