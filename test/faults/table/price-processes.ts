import { ReadCounts } from '#functions/reads/metrics.ts'
import { watchJob } from '#functions/watchdog/watch.ts'
import { tickRunId } from '#shared/domain/ids.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { ProviderWork, RunRequest } from '#shared/engine/model/run-state.ts'
import { run } from '#shared/engine/run.ts'
import { type Price, priceBody, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'
import { type StoreScript, unreliableStore } from '#test/fakes/store/unreliable-store.ts'
import type { World } from '#test/fakes/world/world.ts'
import { type JudgedReader, judgedReader } from './checked-reader.ts'
import type { FailingTable, Open } from './tables.ts'

export const MINUTE = 60_000

/** Between two ticks. */
export const INTERVAL = 5 * MINUTE

/** The longest that a lease is held. */
export const LEASE = 2 * MINUTE + 5_000

const START = Date.UTC(2026, 10, 20, 12, 1, 0)

/** The time of a tick, counted from nought. */
export const tickTime = (tick: number) => START + tick * INTERVAL

/** What happens to one invocation alone. */
interface Fortune {
  /** What becomes of its calls of the table. */
  readonly fate?: StoreScript
  /** It has the provider's answers only then. */
  readonly answeredAfter?: Promise<void>
}

/** The synthetic job over a table that fails by a script: its runs, its readers, its watchdog. */
export interface PriceSystem<T extends FailingTable> {
  readonly table: T
  readonly world: World<Price>
  readonly work: ProviderWork<Price>
  /** From now on the provider says this price, of these symbols or all; of the others what it said before. */
  quote(price: number, symbols?: readonly string[]): void
  /** @throws when no outcome could be recorded, and when the process died */
  run(request: RunRequest, fortune?: Fortune): Promise<RunRecord>
  /** A run for a tick, when its time has come. */
  tick(tick: number, fortune?: Fortune): Promise<RunRecord>
  /** The record of a tick's run, as it stands in the table. */
  record(tick: number): Promise<RunRecord | undefined>
  /** One invocation of the watchdog. */
  watch(): ReturnType<typeof watchJob>
  /** Another process that reads. */
  reader(): JudgedReader
}

interface Choices {
  readonly symbols?: number
}

/** A system in which nothing was ever published. */
export async function priceSystem<T extends FailingTable>(
  stored: 'items' | 'snapshot',
  open: Open<T>,
  { symbols: count = 3 }: Choices = {},
): Promise<PriceSystem<T>> {
  const symbols = symbolNames(count)
  const world = pricesWorld(stored, symbols, START)
  const table = await open(world)
  const { clock } = world
  const { job, ports } = world.work
  const work = { ...world.work, ports: { ...ports, store: table.store } }
  const quoted = new Map<string, { readonly price: number; readonly at: number }>()
  let quotes = 0

  world.script(({ url }) => {
    const { price = 0, at = 0 } = quoted.get(url.searchParams.get('symbol') ?? '') ?? {}
    return { status: 200, body: priceBody(url, price, at) }
  })
  const invoke = (request: RunRequest, { fate = () => 'pass', answeredAfter }: Fortune = {}) => {
    const death = Promise.withResolvers<never>()
    const store = unreliableStore(table.store, fate, () =>
      death.reject(new Error('simulated: the process died')),
    )
    const http: typeof ports.http = async (httpRequest) => {
      const answer = await ports.http(httpRequest)
      await answeredAfter
      return answer
    }
    return Promise.race([run(request, { ...work, ports: { ...ports, store, http } }), death.promise])
  }
  return {
    table,
    world,
    work,
    quote: (price, of = symbols) => {
      quotes += 1
      for (const symbol of of) quoted.set(symbol, { price, at: START + quotes * 1_000 })
    },
    run: invoke,
    tick: (tick, fortune) => {
      clock.advance(Math.max(0, tickTime(tick) - clock.now()))
      return invoke({ cause: 'tick', tick: tickTime(tick) }, fortune)
    },
    record: (tick) => table.truth.runs.get(job.id, tickRunId(job.id, tickTime(tick))),
    watch: () => watchJob(job, { ...ports, store: table.watchdog }),
    reader: () =>
      judgedReader(
        job,
        symbols,
        { ...ports, store: table.reads, counts: new ReadCounts('test', clock) },
        table.truth,
      ),
  }
}

/** A system whose first tick has published the price 10. */
export async function publishedSystem<T extends FailingTable>(
  ...options: Parameters<typeof priceSystem<T>>
): Promise<PriceSystem<T>> {
  const system = await priceSystem(...options)
  system.quote(10)
  await system.tick(0)
  return system
}
