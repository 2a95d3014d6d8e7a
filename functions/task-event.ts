import { isRunId } from '#shared/domain/ids.ts'
import type { TaskStep } from '#shared/engine/task/task-run.ts'

const STEPS: readonly TaskStep['step'][] = ['begin', 'chunk', 'finish', 'close']

/** Whether a job's function is asked for a step of a task. */
export function isTaskStep(event: unknown): event is object {
  return typeof event === 'object' && event !== null && 'step' in event
}

/**
 * Reads a step of a task, as the machine of the job says it: `{step, run}` with `chunk` or `error` where it has one.
 *
 * @throws {TypeError} with expected and got: the machine ends the task then
 */
export function parseTaskStep(event: object, job: string): TaskStep {
  const { step: named, run, chunk, error } = event as Record<string, unknown>
  const step = STEPS.find((known) => known === named)
  if (step === undefined)
    throw new TypeError(`expected a step of ${STEPS.join(', ')}; got ${shownValue(named)}`)
  if (typeof run !== 'string' || !isRunId(run, job)) {
    throw new TypeError(`expected the id of a run of ${job}, got ${shownValue(run)}`)
  }
  if (step === 'chunk') {
    if (typeof chunk === 'number' && Number.isSafeInteger(chunk) && chunk >= 0) return { step, run, chunk }
    throw new TypeError(`expected the number of a chunk, got ${shownValue(chunk)}`)
  }
  if (step !== 'close') return { step, run }
  return { step, run, error: typeof error === 'string' ? error.slice(0, 200) : 'unknown' }
}

function shownValue(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 100)
}
