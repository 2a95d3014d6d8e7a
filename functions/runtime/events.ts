import { EVENT_SOURCE } from '#shared/adapters/event-bridge.ts'
import type { Job } from '#shared/declare/job.ts'
import { defined } from '#shared/domain/defined.ts'
import { MINUTE_MS } from '#shared/domain/duration.ts'
import { isFreeRunId, isRunId } from '#shared/domain/ids.ts'
import type { Params } from '#shared/domain/json.ts'
import type { RefreshCause } from '#shared/domain/records/run-record.ts'
import { shown } from '#shared/domain/text.ts'
import type { RunRequest } from '#shared/engine/model/run-state.ts'
import type { TaskStep } from '#shared/engine/task/task-run.ts'

const CAUSES: readonly RefreshCause[] = ['stale-read', 'cold-read', 'operator', 'first-run', 'submission']

/** Far above the skew of real clocks, so that a slow clock does not refuse its own ticks. */
const MAX_CLOCK_SKEW_MS = 15 * MINUTE_MS

/**
 * Parses the event of a job's function: a tick of its schedule (`{job, tick}`), or from the bus `refresh.requested` of
 * the job, which may be a tick that is delivered again, or `dataset.refreshed` of one of its inputs.
 *
 * @param now - milliseconds since the epoch: a tick from the future would supersede all ticks before it
 * @throws {TypeError} with expected and got for any other event: the invocation fails and the event goes to the dead
 *   letter queue
 */
export function parseRunRequest(event: unknown, job: Pick<Job, 'id' | 'inputs'>, now: number): RunRequest {
  const { detail, ...outer } = expectObject('event', event)
  if (detail === undefined) return parseTick(outer, job.id, now)
  return outer['detail-type'] === 'dataset.refreshed'
    ? parseInputRefreshed(outer, expectObject('detail', detail), job, now)
    : parseRefreshRequested(outer, expectObject('detail', detail), job.id, now)
}

/** The job that a `dataset.refreshed` event names, `null` if it names none; `undefined` for any other event. */
export function refreshedJob(event: unknown): unknown {
  const { 'detail-type': type, detail } = (event ?? {}) as {
    'detail-type'?: unknown
    detail?: { job?: unknown }
  }
  return type === 'dataset.refreshed' ? (detail?.job ?? null) : undefined
}

function parseTick(event: Record<string, unknown>, job: string, now: number): RunRequest {
  expectOnly('event', event, ['job', 'tick'])
  expectJob(event['job'], job)
  const tick = parseTime('tick', event['tick'])
  if (tick <= now + MAX_CLOCK_SKEW_MS) return { cause: 'tick', tick }
  throw new TypeError(`expected a tick that has come, got ${shown(event['tick'])}`)
}

/** The run of the input identifies the event: all its deliveries are one request. */
function parseInputRefreshed(
  { source }: Record<string, unknown>,
  detail: Record<string, unknown>,
  { id, inputs }: Pick<Job, 'id' | 'inputs'>,
  now: number,
): RunRequest {
  if (source !== EVENT_SOURCE) throw new TypeError('expected a dataset.refreshed event of this system')
  expectOnly('detail', detail, ['job', 'runId', 'keys', 'at', 'key'])
  const input = inputs.find((name) => name === detail['job'])
  if (input === undefined) {
    throw new TypeError(
      `expected a refresh of an input of ${id} (${inputs.join(', ') || 'it has none'}), got one of ${shown(detail['job'])}`,
    )
  }
  const { runId } = detail
  if (typeof runId !== 'string' || !isRunId(runId, input)) {
    throw new TypeError(`expected a runId of ${input}, got ${shown(runId)}`)
  }
  const at = parseTime('at', detail['at'])
  if (at > now + MAX_CLOCK_SKEW_MS)
    throw new TypeError(`expected a run that has ended, got ${shown(detail['at'])}`)
  const key = optionalKey(detail['key'])
  return { cause: 'input-refreshed', input: runId, event: { id: runId, at }, ...defined({ key }) }
}

function parseRefreshRequested(
  event: Record<string, unknown>,
  detail: Record<string, unknown>,
  job: string,
  now: number,
): RunRequest {
  const id = requestId(event)
  if (detail['cause'] === 'tick') {
    const { cause: _cause, ...tick } = detail
    return parseTick(tick, job, now)
  }
  expectOnly('detail', detail, ['job', 'cause', 'key', 'runId', 'params'])
  expectJob(detail['job'], job)
  const cause = CAUSES.find((name) => name === detail['cause'])
  if (!cause) throw new TypeError(`expected a cause of ${CAUSES.join(', ')}; got ${shown(detail['cause'])}`)
  const { runId, params } = detail
  const key = optionalKey(detail['key'])
  return {
    cause,
    event: { id, at: parseTime('time', event['time']) },
    ...defined({
      key,
      runId: runId === undefined ? undefined : reservedRunId(runId, cause, job),
      params: params === undefined ? undefined : (expectObject('params', params) as Params),
    }),
  }
}

function optionalKey(key: unknown): string | undefined {
  if (key === undefined || isStorableKey(key)) return key
  throw new TypeError(
    `expected a key of 1 to ${MAX_KEY_LENGTH} characters that the table can keep, got ${shown(key)}`,
  )
}

/** The id of a `refresh.requested` event. */
function requestId({ source, id, 'detail-type': type }: Record<string, unknown>): string {
  if (source === EVENT_SOURCE && type === 'refresh.requested' && typeof id === 'string' && id !== '')
    return id
  throw new TypeError('expected a refresh.requested event of this system with an id')
}

/** Only operators reserve run ids, and none of a tick: a run with a tick's id would replace the tick. */
function reservedRunId(runId: unknown, cause: RefreshCause, job: string): string {
  if (cause === 'operator' && typeof runId === 'string' && isFreeRunId(runId, job)) return runId
  throw new TypeError(`expected a runId of ${job} and a ULID, of an operator; got ${shown(runId)}`)
}

function expectObject(what: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw new TypeError(`expected an object as ${what}, got ${shown(value)}`)
}

function expectOnly(what: string, value: Record<string, unknown>, names: readonly string[]): void {
  const other = Object.keys(value).find((name) => !names.includes(name))
  if (other === undefined) return
  throw new TypeError(`expected ${what} of ${names.join(', ')} only, got ${shown(other)} too`)
}

function expectJob(id: unknown, job: string): void {
  if (id !== job) throw new TypeError(`expected an event for the job ${job}, got ${shown(id)}`)
}

function parseTime(name: string, text: unknown): number {
  const at =
    typeof text === 'string' && /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isFinite(at)) return at
  throw new TypeError(`expected ${name} as an ISO time in UTC, got ${shown(text)}`)
}

const STEPS: readonly TaskStep['step'][] = ['begin', 'chunk', 'finish', 'close']

const MAX_ERROR_LENGTH = 200

/** Whether an event demands a step of a task. */
export function isTaskStep(event: unknown): event is object {
  return typeof event === 'object' && event !== null && 'step' in event
}

/**
 * Parses a step of a task, as the job's state machine sends it: `{step, run}`, with `chunk` or `error` for some steps.
 *
 * @throws {TypeError} with expected and got: the state machine then ends the task
 */
export function parseTaskStep(event: object, job: string): TaskStep {
  const { step: name, run, chunk, error } = event as Record<string, unknown>
  const step = STEPS.find((candidate) => candidate === name)
  if (step === undefined) throw new TypeError(`expected a step of ${STEPS.join(', ')}; got ${shown(name)}`)
  if (typeof run !== 'string' || !isRunId(run, job)) {
    throw new TypeError(`expected the id of a run of ${job}, got ${shown(run)}`)
  }
  if (step === 'chunk') {
    if (typeof chunk === 'number' && Number.isSafeInteger(chunk) && chunk >= 0) return { step, run, chunk }
    throw new TypeError(`expected the number of a chunk, got ${shown(chunk)}`)
  }
  if (step !== 'close') return { step, run }
  return { step, run, error: typeof error === 'string' ? error.slice(0, MAX_ERROR_LENGTH) : 'unknown' }
}

/** Maximum length of a key, in UTF-16 units. */
const MAX_KEY_LENGTH = 256

/** Maximum length of an encoded key in a sort key of the table. */
const MAX_ENCODED_KEY_LENGTH = 1_000

/** Whether a key from outside can be stored: 1 to 256 characters, well formed, that fit a sort key. */
export function isStorableKey(key: unknown): key is string {
  if (typeof key !== 'string' || key === '' || key.length > MAX_KEY_LENGTH) return false
  return key.isWellFormed() && encodeURIComponent(key).length <= MAX_ENCODED_KEY_LENGTH
}
