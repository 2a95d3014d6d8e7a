import { expect, test } from 'vitest'
import { runTaskStep } from '#shared/engine/task/steps.ts'
import { submit } from '#shared/engine/task/submit.ts'
import { fundamentalWorld } from '#test/fakes/jobs/fundamental.ts'
import { symbolOf } from '#test/fakes/jobs/technical.ts'
import { submitPorts, taskMachines } from '#test/fakes/world/task-machine.ts'

const TUESDAY = Date.UTC(2026, 10, 24, 8, 30)
const MINUTE = 60_000
const INVOCATION_MS = 5 * MINUTE
const PLAN = {
  ALPHA_VANTAGE_CALLS_PER_MINUTE: '30',
  ALPHA_VANTAGE_DAILY_BUDGET: '5000',
  PORTFOLIO_MAX_SYMBOLS: '1000',
}

/** A task over a thousand symbols whose worker is killed once, in the middle of a call. */
function killedTask(callOfDeath: number) {
  const symbols = Array.from({ length: 1_000 }, (_, index) => `S${String(index).padStart(3, '0')}`)
  const world = fundamentalWorld(TUESDAY, symbols.join(','), PLAN)
  const requests: { readonly symbol: string; readonly at: number }[] = []
  const death = Promise.withResolvers<'dead'>()
  world.script(async (request) => {
    const at = world.clock.now()
    requests.push({ symbol: symbolOf(request), at })
    if (requests.length === callOfDeath) {
      death.resolve('dead')
      await new Promise(() => undefined)
    }
    await world.clock.sleep(300)
    return world.reply(request)
  })
  const step = (what: Parameters<typeof runTaskStep>[0]) =>
    runTaskStep(what, world.work, world.clock.now() + INVOCATION_MS)

  async function run() {
    const { work, store } = world
    const submitted = await submit(
      { job: work.job, cause: 'tick', tick: TUESDAY, params: work.job.params },
      submitPorts(work, store, taskMachines(work)),
    )
    if (!('run' in submitted)) throw new Error(`expected a task, got ${submitted.status}`)
    const { id } = submitted.run
    const begun = await step({ step: 'begin', run: id })
    const chunks = begun?.next === 'chunks' ? begun.chunks : []
    for (const chunk of chunks) {
      const isAlive = requests.length < callOfDeath
      const first = step({ step: 'chunk', ...chunk })
      const end = await (isAlive ? Promise.race([first, death.promise]) : first)
      // Step Functions repeats the step
      if (end === 'dead') await step({ step: 'chunk', ...chunk })
    }
    await step({ step: 'finish', run: id })
    return work.ports.store.runs.get(work.job.id, id)
  }
  return { world, symbols, requests, run }
}

test('a thousand symbols fit the deadline at 30 calls a minute, and after a kill no finished symbol is requested again that day', async () => {
  const { world, symbols, requests, run } = killedTask(510)

  const ended = await run()
  const again = await world.run({ cause: 'operator' })

  expect(ended).toMatchObject({ status: 'succeeded', counts: { planned: 1_000, failed: 0 } })
  expect((ended?.endedAt ?? 0) - TUESDAY).toBeLessThan(45 * MINUTE)
  const gaps = requests.slice(1).map(({ at }, index) => at - (requests[index]?.at ?? 0))
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000)
  const twice = symbols.filter((symbol) => requests.filter((call) => call.symbol === symbol).length !== 1)
  // the call that was under way
  expect(twice).toEqual([requests[509]?.symbol])
  expect(again).toMatchObject({ status: 'unchanged', counts: { unchanged: 1_000 } })
  expect(requests).toHaveLength(1_001)
}, 60_000)
