import { EVENT_SOURCE } from '#shared/adapters/event-bridge.ts'
import type { BusEvent, RedrivenTick } from '#shared/domain/ports/bus.ts'
import type { FailureMessage } from '#shared/domain/ports/failure-queues.ts'
import { excerpt, redactor } from '#shared/domain/redaction.ts'

/** What a message of a failure queue is about. */
export interface FailedEvent {
  /** `tick` of a schedule, `refresh.requested`, `dataset.refreshed`, or `null` for an event of no job. */
  readonly kind: 'tick' | 'refresh.requested' | 'dataset.refreshed' | null
  readonly job: string | null
  readonly tick: string | null
  readonly key: string | null
  /** The run that an operator was promised, or the run of an input. */
  readonly runId: string | null
  /** Why it was given up, in one line. */
  readonly error: string | null
  /** The event that asks for the same again; absent for an event that is of no job. */
  readonly again?: BusEvent | RedrivenTick
}

/**
 * Reads a message of a failure queue. Three services write them: the bus its event, the scheduler its payload, both with the
 * error in attributes; Lambda a record with `requestPayload` and `responsePayload`.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
export function parseFailedEvent({
  body,
  attributes,
}: Pick<FailureMessage, 'body' | 'attributes'>): FailedEvent {
  const record = parsedObject(body)
  const event = 'requestPayload' in record ? objectOf(record['requestPayload']) : record
  const error = errorText(record, attributes)
  const again = eventAgain(event)
  if (!again) return { kind: null, job: null, tick: null, key: null, runId: null, error }
  const { job, key, runId, tick } = again.detail as Readonly<Record<string, string | undefined>>
  return {
    kind: tick === undefined ? (again.type as 'refresh.requested' | 'dataset.refreshed') : 'tick',
    job: job ?? null,
    tick: tick ?? null,
    key: key ?? null,
    runId: runId ?? null,
    error,
    again,
  }
}

/** The function that gets it checks the members: a wrong event fails again. */
function eventAgain(event: Readonly<Record<string, unknown>>): BusEvent | RedrivenTick | undefined {
  const { source, 'detail-type': type, job, tick } = event
  if (typeof job === 'string' && typeof tick === 'string')
    return { type: 'refresh.requested', detail: { job, cause: 'tick', tick } }
  const detail = objectOf(event['detail'])
  if (source !== EVENT_SOURCE || typeof detail['job'] !== 'string') return undefined
  return type === 'refresh.requested' || type === 'dataset.refreshed'
    ? ({ type, detail } as unknown as BusEvent)
    : undefined
}

const redact = redactor([])

function errorText(
  record: Readonly<Record<string, unknown>>,
  { ERROR_CODE: code, ERROR_MESSAGE: message }: FailureMessage['attributes'],
): string | null {
  const { errorType, errorMessage } = objectOf(record['responsePayload'])
  const { condition } = objectOf(record['requestContext'])
  const parts = [code, message, errorType, errorMessage].filter((part) => typeof part === 'string')
  const text = parts.length > 0 ? parts.join(': ') : condition
  return typeof text === 'string' ? excerpt(redact(text)) : null
}

function parsedObject(text: string): Readonly<Record<string, unknown>> {
  try {
    return objectOf(JSON.parse(text))
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
