import { type Duration, milliseconds } from '#shared/domain/duration.ts'
import { expectOneOf, refuseUnknownKeys, wholeNumber } from './exact.ts'

/** How a job runs, as its author writes it. */
export interface RunSpec {
  /** `plain`: one invocation. `task`: a state machine of short ones, for long or wide work, with a status to poll. */
  readonly shape: 'plain' | 'task'
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
  readonly shape: 'plain' | 'task'
  readonly deadlineMs: number
  readonly attempts: number
  readonly backoffMs: number
  readonly concurrency: number
  readonly chunk: number
  readonly paceMs: number
  readonly coalesceForMs: number
}

const KEYS = ['shape', 'deadline', 'attempts', 'backoff', 'concurrency', 'chunk', 'pace', 'coalesceFor']
const OF_TASKS = ['chunk', 'pace', 'coalesceFor'] as const
const DEFAULT_CHUNK = 100

/**
 * The policy that a declaration's run means.
 *
 * @throws {TypeError} for unknown keys, an unknown shape, and what only a task can have
 */
export function runPolicy(where: string, spec: RunSpec): RunPolicy {
  refuseUnknownKeys(where, spec, KEYS)
  expectOneOf(`${where}.shape`, spec.shape, ['plain', 'task'])
  const stray = OF_TASKS.find((name) => spec[name] !== undefined && spec.shape === 'plain')
  if (stray !== undefined) {
    throw new TypeError(`${where}.${stray}: expected only with shape: 'task', got it with 'plain'`)
  }
  return {
    shape: spec.shape,
    deadlineMs: milliseconds(spec.deadline),
    attempts: wholeNumber(`${where}.attempts`, spec.attempts ?? 1),
    backoffMs: milliseconds(spec.backoff ?? '1 second'),
    concurrency: wholeNumber(`${where}.concurrency`, spec.concurrency ?? 1),
    chunk: wholeNumber(`${where}.chunk`, spec.chunk ?? (spec.pace === undefined ? DEFAULT_CHUNK : 1)),
    paceMs: spec.pace === undefined ? 0 : milliseconds(spec.pace),
    coalesceForMs: spec.coalesceFor === undefined ? 0 : milliseconds(spec.coalesceFor),
  }
}
