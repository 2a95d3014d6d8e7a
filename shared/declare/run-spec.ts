import { type Duration, milliseconds } from '#shared/domain/duration.ts'
import { expectOneOf, expectWholeNumber, rejectUnknownKeys } from './exact.ts'

/** How a job runs, as its author writes it. */
export interface RunSpec {
  /** `plain`: one invocation. `task`: a state machine of short ones, for long or wide work, with a status to poll. */
  readonly mode: 'plain' | 'task'
  /** Bound over the whole run; of a task from its submission. */
  readonly deadline: Duration
  /** Attempts a request, the first included; one unless said. */
  readonly attempts?: number
  /** Base of the exponential backoff; one second unless said. */
  readonly backoff?: Duration
  /** Requests under way at once, and of a task chunks; one unless said. */
  readonly concurrency?: number
  /** Of a task: requests that one invocation makes; 100 unless said, 1 with a pace. */
  readonly chunk?: number
  /** Of a task: how long a lane rests after each chunk, at nobody's expense. */
  readonly pace?: Duration
  /** Of a task: for how long the same work, done well, answers whoever asks for it again; not at all unless said. */
  readonly coalesceFor?: Duration
}

/** How a job runs. All durations are milliseconds. */
export interface RunPolicy {
  readonly mode: 'plain' | 'task'
  readonly deadlineMs: number
  readonly attempts: number
  readonly backoffMs: number
  readonly concurrency: number
  readonly chunk: number
  readonly paceMs: number
  readonly coalesceForMs: number
}

const RUN_KEYS = ['mode', 'deadline', 'attempts', 'backoff', 'concurrency', 'chunk', 'pace', 'coalesceFor']
const TASK_ONLY_KEYS = ['chunk', 'pace', 'coalesceFor'] as const
const DEFAULT_CHUNK = 100

/**
 * The policy that a declaration's run means.
 *
 * @throws {TypeError} for unknown keys, an unknown shape, and what only a task can have
 */
export function runPolicy(where: string, spec: RunSpec): RunPolicy {
  rejectUnknownKeys(where, spec, RUN_KEYS)
  expectOneOf(`${where}.mode`, spec.mode, ['plain', 'task'])
  const stray = TASK_ONLY_KEYS.find((name) => spec[name] !== undefined && spec.mode === 'plain')
  if (stray !== undefined) {
    throw new TypeError(`${where}.${stray}: expected only with mode: 'task', got it with 'plain'`)
  }
  return {
    mode: spec.mode,
    deadlineMs: milliseconds(spec.deadline),
    attempts: expectWholeNumber(`${where}.attempts`, spec.attempts ?? 1),
    backoffMs: milliseconds(spec.backoff ?? '1 second'),
    concurrency: expectWholeNumber(`${where}.concurrency`, spec.concurrency ?? 1),
    chunk: expectWholeNumber(`${where}.chunk`, spec.chunk ?? (spec.pace === undefined ? DEFAULT_CHUNK : 1)),
    paceMs: spec.pace === undefined ? 0 : milliseconds(spec.pace),
    coalesceForMs: spec.coalesceFor === undefined ? 0 : milliseconds(spec.coalesceFor),
  }
}
