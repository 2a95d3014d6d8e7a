import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions'
import { type TaskStateMachine, taskStateMachine } from '#infra/definitions/task-state-machine.ts'
import type { Job } from '#shared/declare/job.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { Execution, Executions } from '../data/executions.ts'
import { REGION, stateMachineArn } from '../functions/environment.ts'
import { InvocationError } from '../functions/function-worker.ts'

/** How a start was answered: under way, as it may have been before; or its name stands for another one. */
export type StartResult = { readonly startedAt: number } | 'taken' | 'unknown'

/** The state machines of task jobs on this machine. */
export interface LocalStateMachines {
  /** Starts an execution once it is kept. The same name and input again, while it is under way, is the same one. */
  start(machineArn: string, name: string, input: string): Promise<StartResult>
  /** Goes on with what an ended process has left, each from its beginning: every step can be said again. */
  resume(): void
  /** Leaves what is under way to the next process. */
  close(): void
}

interface StateMachineOptions {
  readonly jobs: readonly Pick<Job, 'id' | 'run'>[]
  readonly executions: Executions
  readonly clock: Clock
  /** Invokes a function and waits for its answer. */
  readonly invoke: (functionName: string, event: unknown) => Promise<unknown>
  /** Told how each execution ended. */
  readonly onEnd: (execution: Execution, how: string) => void
  /** Told what should not be. */
  readonly onFault: (error: unknown) => void
}

/**
 * Runs the definitions that the stack deploys in an interpreter, every task of them by the function itself, every wait
 * as long as it is.
 */
export function localStateMachines({
  jobs,
  executions,
  clock,
  invoke,
  onEnd,
  onFault,
}: StateMachineOptions): LocalStateMachines {
  const byArn = new Map(jobs.map((job) => [stateMachineArn(job.id), job]))
  const underWay = new Map<string, { readonly execution: Execution; readonly abort: () => void }>()
  /** Names of executions that have ended: they are taken for as long as this process lives. */
  const ended = new Set<string>()
  let isClosed = false

  const run = (execution: Execution, job: Pick<Job, 'id' | 'run'>) => {
    if (isClosed) return
    const { result, abort } = interpret(execution, job, { clock, invoke })
    underWay.set(execution.name, { execution, abort })
    result
      .then(async (how) => {
        underWay.delete(execution.name)
        if (isClosed) return
        ended.add(execution.name)
        await executions.remove(execution.name)
        onEnd(execution, how)
      })
      .catch(onFault)
  }

  return {
    async start(arn, name, input) {
      const job = byArn.get(arn)
      if (!job) return 'unknown'
      const same = underWay.get(name)?.execution
      if (same) return same.job === job.id && same.input === input ? same : 'taken'
      if (ended.has(name)) return 'taken'
      const execution = { name, job: job.id, input, startedAt: clock.now() }
      underWay.set(name, { execution, abort: () => {} })
      try {
        await executions.save(execution)
      } catch (error) {
        underWay.delete(name)
        throw error
      }
      run(execution, job)
      return execution
    },
    resume() {
      for (const execution of executions.interrupted) {
        const job = jobs.find(({ id }) => id === execution.job)
        if (job) run(execution, job)
        else executions.remove(execution.name).then(() => onEnd(execution, 'its job is gone'), onFault)
      }
    },
    close() {
      isClosed = true
      for (const { abort } of underWay.values()) abort()
    },
  }
}

/** One execution from the beginning; what is left of its time counts from its start. Says how it ended. */
function interpret(
  { name, input, startedAt }: Execution,
  job: Pick<Job, 'id' | 'run'>,
  { clock, invoke }: Pick<StateMachineOptions, 'clock' | 'invoke'>,
): { readonly result: Promise<string>; readonly abort: () => void } {
  const functionName = `job-${job.id}`
  const functionArn = `arn:aws:lambda:${REGION}:000000000000:function:${functionName}:live`
  const definition = taskStateMachine(job, { partition: 'aws', functionArn })
  const passed = Math.floor((clock.now() - startedAt) / 1_000)
  const timed = { ...definition, TimeoutSeconds: Math.max(1, definition.TimeoutSeconds - passed) }
  let isOver = false
  // the interpreter asks for lanes that have not begun even when the execution is over
  const handler = async (asked: unknown) => {
    if (isOver) throw new InvocationError(`the execution ${name} is over`)
    const { Payload } = asked as { readonly Payload: unknown }
    return { Payload: (await invoke(functionName, Payload)) as string }
  }
  const taskResourceLocalHandlers = Object.fromEntries(
    taskStates(definition).map((state) => [state, handler]),
  )
  // checked by a test of the stack, once for all
  const validationOptions = { noValidate: true }
  // its types know no JitterStrategy
  const machine = new StateMachine(timed as unknown as StateMachineDefinition, { validationOptions })
  const { result, abort } = machine.run(JSON.parse(input), {
    overrides: { taskResourceLocalHandlers },
    noThrowOnAbort: true,
  })
  const end = result.then(
    () => 'succeeded',
    (error: unknown) => `failed: ${String(error)}`,
  )
  return {
    result: end.finally(() => {
      isOver = true
    }),
    abort: () => {
      isOver = true
      abort()
    },
  }
}

/** Names of all states that call a function, those of lanes included. */
function taskStates(machine: Pick<TaskStateMachine, 'States'>): string[] {
  return Object.entries(machine.States).flatMap(([name, state]) => {
    const { Type, ItemProcessor } = state as {
      Type: string
      ItemProcessor?: Pick<TaskStateMachine, 'States'>
    }
    return [...(Type === 'Task' ? [name] : []), ...(ItemProcessor ? taskStates(ItemProcessor) : [])]
  })
}
