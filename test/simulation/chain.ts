import { submitEvents } from '#functions/submit/events.ts'
import { watchJob } from '#functions/watchdog/watch.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { occurrences } from '#shared/declare/occurrences.ts'
import { every } from '#shared/declare/schedule.ts'
import { run } from '#shared/engine/run.ts'
import { runTaskStep } from '#shared/engine/task/steps.ts'
import type { SubmitPorts } from '#shared/engine/task/submit.ts'
import { priceBody, pricesJob, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'
import { submitPorts } from '#test/fakes/world/task-machine.ts'
import type { Reply } from '#test/fakes/world/world.ts'
import { scheduleOf } from '#test/support/jobs/test-jobs.ts'
import { chainInvariants } from './chain-invariants.ts'
import { chance } from './random.ts'
import { frailMachines, persistently } from './unreliable-machines.ts'
import { frailPorts } from './unreliable-ports.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const START = Date.UTC(2026, 10, 20, 12, 0, 0)
const STORM_END = START + 60 * MINUTE
const END = STORM_END + 30 * MINUTE
/** Interval, deadline and two looks of the watchdog. */
const OUTCOME_DUE_MS = (5 + 2 + 2) * MINUTE
const INPUT = 'prices-snapshot'

const FRESHNESS = { freshFor: '8 minutes', serveStaleFor: '15 minutes', keepFor: '25 minutes' } as const
const RUN = { deadline: '2 minutes', attempts: 2, backoff: '1 second', concurrency: 2 } as const

/**
 * A job, and one of tasks that follows it, in a storm: events lost, late and twice, ticks twice, a provider that fails,
 * processes that die or freeze between any two calls, in every step of every task; then half an hour of peace.
 *
 * @returns what was violated, in order, and how many tasks ended how
 */
export async function simulateChain(seed: number) {
  const luck = chance(seed)
  const base = pricesWorld(INPUT.slice('prices-'.length) as 'snapshot', symbolNames(2), START, {
    change: { freshness: FRESHNESS, run: { ...RUN, mode: 'plain' } },
  })
  const { clock, work } = base
  const follower = resolveJob(
    pricesJob('items', {
      schedule: every('5 minutes', { offset: '1 minute' }),
      inputs: [INPUT],
      follows: [INPUT],
      freshness: FRESHNESS,
      run: { ...RUN, mode: 'task', chunk: 1 },
    }),
    {},
  )
  const isQuiet = () => clock.now() >= STORM_END
  const checks = chainInvariants(base, follower)
  const process = () => {
    const { afterStep } = checks
    return frailPorts(work.ports, { chance: luck, isQuiet, afterStep, beforeCall: () => {} })
  }
  base.script(({ url }): Reply => {
    if (isQuiet() || luck.is(0.8))
      return { status: 200, body: priceBody(url, luck.between(1, 9), Math.floor(clock.now())) }
    return luck.pick<Reply>(['hang', 'reset', { status: 503, body: '' }, { status: 200, body: '<html>' }])
  })

  const machines = frailMachines(clock, (step, stopBy) =>
    runTaskStep(step, { ...work, job: follower, ports: process() }, stopBy),
  )
  const submitted = (event: object) =>
    persistently(clock, () => {
      const ports = process()
      // the fake's store has that of submissions, too
      const store = ports.store as unknown as SubmitPorts['store']
      return submitEvents([follower], submitPorts({ ...work, ports }, store, machines))(event)
    }).catch(() => [])
  const later = async (at: number, act: () => Promise<unknown>) => {
    await clock.sleep(at - clock.now())
    await act()
  }

  let events = 0
  work.ports.bus.publish = async (event) => {
    if (event.type !== 'dataset.refreshed' || event.detail.job !== INPUT) return
    const copies = isQuiet() ? 1 : luck.pick([0, 1, 1, 2])
    if (isQuiet()) checks.followDue(event.detail.runId)
    for (let copy = 0; copy < copies; copy += 1) {
      const at = clock.now() + luck.between(100, isQuiet() ? 2_000 : 90_000)
      const envelope = { id: `e${events++}`, source: 'freshet', 'detail-type': event.type }
      const delivery = {
        ...envelope,
        time: new Date(Math.floor(clock.now())).toISOString(),
        detail: event.detail,
      }
      void later(at, () => submitted(delivery))
    }
  }
  for (const tick of occurrences(scheduleOf(work.job), { after: START, until: END - 5 * MINUTE }))
    for (let copies = luck.is(0.2) ? 2 : 1; copies > 0; copies -= 1)
      void later(tick + luck.between(0, 2 * SECOND), () =>
        run({ cause: 'tick', tick }, { ...work, ports: process() }).catch(() => {}),
      )
  for (const tick of occurrences(scheduleOf(follower), { after: START, until: END - MINUTE })) {
    const event = { job: follower.id, tick: new Date(tick).toISOString() }
    const isLost = !isQuiet() && tick < STORM_END && luck.is(0.1)
    for (let copies = isLost ? 0 : luck.is(0.2) ? 2 : 1; copies > 0; copies -= 1)
      void later(tick + luck.between(0, 30 * SECOND), () => submitted(event))
    if (tick + OUTCOME_DUE_MS < END) void later(tick + OUTCOME_DUE_MS, async () => checks.outcomeDue(tick))
  }
  while (clock.now() < END) {
    await watchJob(work.job, work.ports)
    await watchJob(follower, work.ports)
    checks.afterStep()
    await clock.sleep(MINUTE)
  }
  checks.atEnd()
  return { violations: checks.violations, states: checks.states() }
}
