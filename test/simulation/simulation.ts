import { watchJob } from '#functions/watchdog/watch.ts'
import { occurrences } from '#shared/declare/occurrences.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import type { BusEvent } from '#shared/domain/ports/bus.ts'
import type { RunRequest } from '#shared/engine/model/run-state.ts'
import { run } from '#shared/engine/run.ts'
import { priceBody, pricesUpstream, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'
import type { Reply } from '#test/fakes/world/world.ts'
import { scheduleOf } from '#test/support/jobs/test-jobs.ts'
import { explainChecks } from './explain-checks.ts'
import { invariants } from './invariants.ts'
import { chance } from './random.ts'
import { frailReader } from './reader.ts'
import { frailPorts } from './unreliable-ports.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const START = Date.UTC(2026, 10, 20, 12, 0, 0)
const STORM_END = START + 80 * MINUTE
/** Time for every lease to expire, every cool-down to end, and one interval to pass. */
const END = STORM_END + 30 * MINUTE
/** Interval, deadline and two looks of the watchdog. */
const OUTCOME_DUE_MS = (5 + 2 + 2) * MINUTE

const CHANGE = {
  overridable: ['interval'],
  freshness: { freshFor: '8 minutes', serveStaleFor: '15 minutes', keepFor: '25 minutes' },
  run: { mode: 'plain', deadline: '2 minutes', attempts: 3, backoff: '2 seconds', concurrency: 2 },
} as const

/** Little enough for runs to get into each other's way. */
const LIMITS = { ...resolveUpstream(pricesUpstream, {}).limits, perMinute: 12, burst: 4, concurrency: 3 }

/**
 * A job in a storm: ticks late, twice, lost and out of order, wishes of readers and operators, faults of upstream and
 * table, processes that die or freeze between any two calls; then half an hour of peace.
 *
 * @param options - `isExplained`: operators also pause, skip, override and invalidate, and at random moments the records are
 *   explained and the explanations compared with what the records had then and what followed
 * @returns what was violated, in order, how often the breaker opened, and how often which cause was named
 */
export async function simulate(stored: 'items' | 'snapshot', seed: number, { isExplained = false } = {}) {
  const luck = chance(seed)
  const symbols = symbolNames(3)
  const world = pricesWorld(stored, symbols, START, { change: CHANGE })
  Object.assign(world.work, { upstream: { ...world.work.upstream, limits: LIMITS } })
  const { clock, work } = world
  const { job } = work
  const issued = new Set<string>()
  const checks = invariants(world, issued)
  const isQuiet = () => clock.now() >= STORM_END
  /** From then on the provider does not answer at all for a while. */
  const outage = luck.between(START, STORM_END - 25 * MINUTE)
  let processes = 0
  const explained = isExplained ? explainChecks(world, seed, { isQuiet, until: END }) : undefined

  world.script(({ url }): Reply => {
    const symbol = url.searchParams.get('symbol')
    const price = luck.between(1, 4)
    const at = Math.floor(clock.now()) - (isQuiet() ? 0 : luck.between(0, 8 * MINUTE))
    const isOut = clock.now() > outage && clock.now() < outage + 25 * MINUTE
    if (isOut) return luck.pick<Reply>(['hang', 'reset', { status: 503, body: '' }])
    if (isQuiet() || luck.is(0.7)) {
      issued.add(`${symbol} ${price} ${at}`)
      return { status: 200, body: priceBody(url, price, at) }
    }
    return luck.pick<Reply>([
      'hang',
      'reset',
      { status: 500, body: '' },
      { status: 404, body: '{}' },
      { status: 200, body: '<html>' },
      { status: 200, body: { symbol: 'OTHER', price, at } },
      { status: 429, body: '{}', headers: { 'retry-after': luck.pick(['5', '90', '600']) } },
    ])
  })

  const from = async (at: number, act: () => unknown) => {
    await clock.sleep(at - clock.now())
    await act()
  }
  /** One invocation: whether it throws or dies, the world goes on. */
  const invoke = async (request: RunRequest) => {
    const process = ++processes
    const afterStep = () => {
      checks.afterStep(process)
      explained?.afterStep()
    }
    const { beforeCall } = checks
    const ports = frailPorts(work.ports, { chance: luck, isQuiet, afterStep, beforeCall })
    await run(request, { ...work, ports }).catch(() => {})
  }
  const deliver = (event: BusEvent) => {
    if (event.type !== 'refresh.requested') return
    const { job: _job, ...wish } = event.detail
    const request = {
      ...wish,
      event: { id: `${++processes}`, at: Math.floor(clock.now() / SECOND) * SECOND },
    }
    for (let copies = luck.is(0.2) ? 2 : 1; copies > 0; copies -= 1) {
      void from(clock.now() + luck.between(100, 3_000), () => invoke(request))
    }
  }
  work.ports.bus.publish = async (event: BusEvent) => deliver(event)

  for (const tick of occurrences(scheduleOf(job), { after: START, until: END - MINUTE })) {
    const again = (probability: number, first: number, last: number) => {
      if (luck.is(probability))
        void from(tick + luck.between(first, last), () => invoke({ cause: 'tick', tick }))
    }
    if (tick > STORM_END) again(1, 0, 2 * SECOND)
    else again(0.7, 0, 2 * SECOND)
    if (tick < STORM_END) again(0.3, 0, 4 * MINUTE)
    again(0.3, 0, 2 * MINUTE)
    again(0.1, 12 * MINUTE, 40 * MINUTE)
    if (tick + OUTCOME_DUE_MS < END) void from(tick + OUTCOME_DUE_MS, () => checks.outcomeDue(tick))
  }
  for (let order = 0; order < 60; order += 1) {
    const detail = {
      job: job.id,
      cause: 'operator',
      ...(luck.is(0.6) ? { key: luck.pick(symbols) } : {}),
    } as const
    void from(luck.between(START, STORM_END), () => deliver({ type: 'refresh.requested', detail }))
  }
  const watching = async () => {
    while (clock.now() < END) {
      await watchJob(job, work.ports)
      checks.afterStep(0)
      explained?.afterStep()
      await clock.sleep(MINUTE)
    }
  }
  const reading = [1, 2].map((id) => frailReader(id, { world, checks, chance: luck, isQuiet, until: END }))
  await Promise.all([watching(), ...reading, explained?.live()])
  // the invariants know the declared times only, and no decisions of operators
  const violations = explained ? explained.violations() : checks.violations
  return { violations, opened: checks.opened(), causes: explained?.causes() ?? [] }
}
