import type { Clock } from '#shared/domain/ports/clock.ts'
import type { StateMachines } from '#shared/domain/ports/state-machines.ts'
import type { NextStep, TaskStep } from '#shared/engine/task/task-run.ts'

/** Longer than any step takes that will end. */
const INVOCATION_MS = 60_000
const ATTEMPTS = 3

type Step = (step: TaskStep, stopBy: number) => Promise<NextStep | undefined>

/** An invocation whose process may be killed: it times out and is delivered again. */
export async function persistently<T>(clock: Clock, act: (stopBy: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const late = new AbortController()
    const timeout = clock.sleep(INVOCATION_MS, late.signal).then(() => {
      throw new Error('simulated: the invocation ran out of time')
    })
    try {
      return await Promise.race([act(clock.now() + INVOCATION_MS), timeout])
    } catch (error) {
      if (attempt === ATTEMPTS) throw error
    } finally {
      late.abort()
      timeout.catch(() => {})
    }
  }
}

/** State machines whose steps may die, as Step Functions would run them: an execution once, however often it is started. */
export function frailMachines(clock: Clock, take: Step): StateMachines {
  const started = new Set<string>()
  const step = (what: TaskStep) => persistently(clock, (stopBy) => take(what, stopBy))

  async function execution(run: string): Promise<void> {
    let next = await step({ step: 'begin', run })
    while (next?.next === 'wait') {
      await clock.sleep(next.seconds * 1_000)
      next = await step({ step: 'begin', run })
    }
    if (next?.next === 'end' || next?.next === 'failed') return
    const chunks = next?.next === 'chunks' ? next.chunks : []
    await Promise.allSettled(chunks.map((chunk) => step({ step: 'chunk', ...chunk })))
    await step({ step: 'finish', run })
  }

  return {
    start: async (_job, run) => {
      if (started.has(run)) return
      started.add(run)
      const ended = execution(run).catch(() => step({ step: 'close', run, error: 'Lambda.Unknown' }))
      // what cannot even be closed is left to the watchdog
      ended.catch(() => {})
    },
  }
}
