import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions'
import { type TaskStateMachine, taskStateMachine } from '#infra/definitions/task-state-machine.ts'
import type { Job } from '#shared/declare/job.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { Execution, Executions } from '../data/executions.ts'
import { REGION, stateMachineArn } from '../functions/environment.ts'
import { InvocationError } from '../functions/function-worker.ts'

/** The response to a start: the execution (new, or already running with the same input), or why there is none. */
export type StartResult =
  | { readonly status: 'running'; readonly startedAt: number }
  | { readonly status: 'name-in-use' }
  | { readonly status: 'unknown-machine' }

type TaskJob = Pick<Job, 'id' | 'run'>

interface StateMachineOptions {
  readonly jobs: readonly TaskJob[]
  readonly executions: Executions
  readonly clock: Clock
  /** Invokes a function and waits for its result. */
  readonly invoke: (functionName: string, event: unknown) => Promise<unknown>
  /** Called when an execution has ended, with its result as text. */
  readonly onEnd: (execution: Execution, result: string) => void
  /** Called with errors of the interpreter and of the files. */
  readonly onFault: (error: unknown) => void
}

interface RunningExecution {
  readonly execution: Execution
  readonly abort: () => void
}

/**
 * The state machines of task jobs: an interpreter runs the definitions that the stack deploys. Every task state invokes
 * the function of the job, and every wait takes its full time.
 */
export class LocalStateMachines {
  readonly #options: StateMachineOptions
  readonly #running = new Map<string, RunningExecution>()
  /** Names of ended executions, which stay in use until this process ends. */
  readonly #ended = new Set<string>()
  #isClosed = false

  constructor(options: StateMachineOptions) {
    this.#options = options
  }

  /** Starts an execution after storing it. The same name and input again is the running execution. */
  async start(machineArn: string, name: string, input: string): Promise<StartResult> {
    const { jobs, executions, clock } = this.#options
    const job = jobs.find(({ id }) => stateMachineArn(id) === machineArn)
    if (!job) return { status: 'unknown-machine' }
    const running = this.#running.get(name)?.execution
    if (running?.job === job.id && running.input === input) {
      return { status: 'running', startedAt: running.startedAt }
    }
    if (running || this.#ended.has(name)) return { status: 'name-in-use' }
    const execution = { name, job: job.id, input, startedAt: clock.now() }
    this.#running.set(name, { execution, abort: () => {} })
    try {
      await executions.save(execution)
    } catch (error) {
      this.#running.delete(name)
      throw error
    }
    this.#run(execution, job)
    return { status: 'running', startedAt: execution.startedAt }
  }

  /** Continues the executions that an ended process left, each from its first state: every step is idempotent. */
  resume(): void {
    const { jobs, executions, onEnd, onFault } = this.#options
    for (const execution of executions.interrupted) {
      const job = jobs.find(({ id }) => id === execution.job)
      if (job) this.#run(execution, job)
      else executions.remove(execution.name).then(() => onEnd(execution, 'its job no longer exists'), onFault)
    }
  }

  /** Stops the running executions; the next process resumes them. */
  close(): void {
    this.#isClosed = true
    for (const { abort } of this.#running.values()) abort()
  }

  #run(execution: Execution, job: TaskJob): void {
    if (this.#isClosed) return
    const { result, abort } = interpret(execution, job, this.#options)
    this.#running.set(execution.name, { execution, abort })
    result.then((text) => this.#finish(execution, text)).catch(this.#options.onFault)
  }

  async #finish(execution: Execution, result: string): Promise<void> {
    this.#running.delete(execution.name)
    if (this.#isClosed) return
    this.#ended.add(execution.name)
    await this.#options.executions.remove(execution.name)
    this.#options.onEnd(execution, result)
  }
}

/** Runs one execution from its first state; its timeout counts from its start. `result` is its end as text. */
function interpret(
  execution: Execution,
  job: TaskJob,
  { clock, invoke }: Pick<StateMachineOptions, 'clock' | 'invoke'>,
): { readonly result: Promise<string>; readonly abort: () => void } {
  let isOver = false
  // the interpreter invokes lanes that have not started even when the execution is over
  const handler = async (input: unknown) => {
    if (isOver) throw new InvocationError(`the execution ${execution.name} is over`)
    const { Payload } = input as { readonly Payload: unknown }
    return { Payload: (await invoke(`job-${job.id}`, Payload)) as string }
  }
  const definition = definitionFor(execution, job, clock.now())
  const taskResourceLocalHandlers = Object.fromEntries(
    taskStates(definition).map((state) => [state, handler]),
  )
  // checkStateMachines validates the same definition
  const validationOptions = { noValidate: true }
  // the types of the interpreter lack JitterStrategy
  const machine = new StateMachine(definition as unknown as StateMachineDefinition, { validationOptions })
  const { result, abort } = machine.run(JSON.parse(execution.input), {
    overrides: { taskResourceLocalHandlers },
    noThrowOnAbort: true,
  })
  const text = result.then(
    () => 'succeeded',
    (error: unknown) => `failed: ${String(error)}`,
  )
  return {
    result: text.finally(() => {
      isOver = true
    }),
    abort: () => {
      isOver = true
      abort()
    },
  }
}

function definitionFor({ startedAt }: Execution, job: TaskJob, now: number): TaskStateMachine {
  const functionArn = `arn:aws:lambda:${REGION}:000000000000:function:job-${job.id}:live`
  const definition = taskStateMachine(job, { partition: 'aws', functionArn })
  const elapsedS = Math.floor((now - startedAt) / 1_000)
  return { ...definition, TimeoutSeconds: Math.max(1, definition.TimeoutSeconds - elapsedS) }
}

/** Names of all states that invoke a function, those of lanes included. */
function taskStates(machine: Pick<TaskStateMachine, 'States'>): string[] {
  return Object.entries(machine.States).flatMap(([name, state]) => {
    const { Type, ItemProcessor } = state as {
      Type: string
      ItemProcessor?: Pick<TaskStateMachine, 'States'>
    }
    return [...(Type === 'Task' ? [name] : []), ...(ItemProcessor ? taskStates(ItemProcessor) : [])]
  })
}
