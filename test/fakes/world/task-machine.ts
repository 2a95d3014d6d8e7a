import { mapConcurrently } from '#shared/domain/concurrency.ts'
import type { StateMachines } from '#shared/domain/ports/state-machines.ts'
import type { Work } from '#shared/engine/model/run-state.ts'
import { runTaskStep } from '#shared/engine/task/steps.ts'
import type { SubmitPorts } from '#shared/engine/task/submit.ts'
import type { TaskStep } from '#shared/engine/task/task-run.ts'

/** How the machine of a task ended. */
type MachineEnd = 'end' | 'failed'

interface TaskMachines extends StateMachines {
  /** Runs whose machine was started, each once, however often that was asked for. */
  readonly started: readonly string[]
  /** Runs a started machine to its end. */
  run(id: string): Promise<MachineEnd>
}

/** What happens to one step of a machine; `lost`: it is done, and its worker dies before it says so. */
export type StepFault = 'pass' | 'die' | 'lost'

/** An invocation lasts so long at most. */
const INVOCATION_MS = 300_000
const ATTEMPTS = 3

/**
 * The machine of a task job, as Step Functions would run it: a step whose worker dies is taken again; a chunk that
 * still dies is given up, any other step closes the task.
 */
export function taskMachines<V>(
  work: Work<V>,
  fate: (step: TaskStep) => StepFault | Promise<StepFault> = () => 'pass',
): TaskMachines {
  const started = new Set<string>()
  const step: typeof runTaskStep = async (what, ...rest) => {
    for (let attempt = 1; ; attempt += 1) {
      const befalls = await fate(what)
      if (befalls !== 'die') {
        const answer = await runTaskStep(what, ...rest)
        if (befalls === 'pass') return answer
      }
      if (attempt === ATTEMPTS) throw new Error('Lambda.Unknown')
    }
  }
  const until = () => work.ports.clock.now() + INVOCATION_MS

  async function run(id: string): Promise<MachineEnd> {
    try {
      for (;;) {
        const next = await step({ step: 'begin', run: id }, work, until())
        if (next?.next === 'end' || next?.next === 'failed') return next.next
        if (next?.next === 'wait') {
          await work.ports.clock.sleep(next.seconds * 1_000)
          continue
        }
        const chunks = next?.next === 'chunks' ? next.chunks : []
        await mapConcurrently(chunks, work.job.run.concurrency, (chunk) =>
          step({ step: 'chunk', ...chunk }, work, until()).catch(() => undefined),
        )
        const end = await step({ step: 'finish', run: id }, work, until())
        return end?.next === 'end' ? 'end' : 'failed'
      }
    } catch {
      const closed = await runTaskStep({ step: 'close', run: id, error: 'Lambda.Unknown' }, work, until())
      return closed?.next === 'end' ? 'end' : 'failed'
    }
  }

  return {
    get started() {
      return [...started]
    },
    start: async (_job, id) => {
      started.add(id)
    },
    run,
  }
}

/** The ports of submissions over the world of a job. */
export function submitPorts<V>(
  { ports }: Work<V>,
  store: SubmitPorts['store'],
  stateMachines: StateMachines,
): SubmitPorts {
  return { store, stateMachines, clock: ports.clock, random: ports.random, log: ports.log }
}
