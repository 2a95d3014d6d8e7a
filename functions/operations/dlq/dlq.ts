import * as z from 'zod/mini'
import { SECOND_MS } from '#shared/domain/duration.ts'
import {
  FAILURE_QUEUES,
  type FailureMessage,
  type FailureQueue,
} from '#shared/domain/ports/failure-queues.ts'
import { isoText } from '#shared/domain/time.ts'
import { withAudit } from '../audit.ts'
import type { OperationContext, OperationHandler } from '../http/operation.ts'
import { expectOnlyParameters, jobOfPath, parseOperationBody, textMember } from '../http/request.ts'
import { jsonResponse } from '../http/response.ts'
import { type FailedEvent, parseFailedEvent } from './failed-event.ts'

/** Requests of ten messages each that one list makes of a queue. */
const MAX_BATCHES = 10

/** Visibility timeout of listed messages: the minimum of SQS, so that the alarm and a redrive still count them. */
const LIST_HIDDEN_MS = SECOND_MS

/** The messages of both failure queues, up to a hundred of each: what each event was about and why it was given up; no bodies. */
export const listFailedEvents: OperationHandler = async (call) => {
  expectOnlyParameters(call.request.query, [])
  const { queues } = call.ports
  const [depths, messages] = await Promise.all([
    queueDepths(call),
    Promise.all(
      FAILURE_QUEUES.map(async (queue) => {
        const byId = new Map<string, FailureMessage>()
        for (let batch = 0; batch < MAX_BATCHES; batch += 1) {
          const before = byId.size
          for (const message of await queues.receive(queue, LIST_HIDDEN_MS)) byId.set(message.id, message)
          if (byId.size === before) break
        }
        return [...byId.values()].map((message) => messageView(queue, message, parseFailedEvent(message)))
      }),
    ),
  ])
  const newestFirst = messages.flat().sort((a, b) => (a.failed_at < b.failed_at ? 1 : -1))
  return jsonResponse(200, { queues: depths, messages: newestFirst })
}

function queueDepths({ ports }: OperationContext) {
  return Promise.all(FAILURE_QUEUES.map(async (name) => ({ name, depth: await ports.queues.depth(name) })))
}

function messageView(queue: FailureQueue, { id, at }: FailureMessage, event: FailedEvent) {
  const { kind, job, tick, key, runId, error, again } = event
  return {
    id,
    queue,
    failed_at: isoText(at),
    kind,
    job,
    tick,
    key,
    run_id: runId,
    error,
    can_redrive: again !== undefined,
  }
}

const redriveBody = z.strictObject({
  queue: z.optional(z.enum(FAILURE_QUEUES, `one of ${FAILURE_QUEUES.join(', ')}`)),
  job: z.optional(textMember('a job', 100)),
})

/** A request ends after this time, with what is left. */
const REDRIVE_MS = 12 * SECOND_MS

/** Visibility timeout of messages that are not redriven: longer than the request, so that each is received once. */
const REDRIVE_HIDDEN_MS = 20 * SECOND_MS

/**
 * Requests again what the messages of the failure queues asked for, and deletes those messages: a tick, a refresh, the
 * publication of an input. A tick that a newer one has replaced is skipped, and a run that has an outcome is not repeated. An
 * event of no job stays in its queue, and so do those of other jobs if `job` is set.
 */
export const redriveFailedEvents: OperationHandler = async (call) => {
  const { request } = call
  expectOnlyParameters(request.query, [])
  const { queue, job: name } = parseOperationBody(request, redriveBody)
  const job = name === undefined ? undefined : jobOfPath({ ...call, id: name }).id
  const queues = queue === undefined ? FAILURE_QUEUES : [queue]
  const change = {
    action: 'redrive',
    target: job === undefined ? { dlq: queue ?? 'all' } : { job },
    after: { queues },
    figures: (counts: RedriveCounts) => counts,
    message: ({ redriven }: RedriveCounts) =>
      redriven === 0 ? undefined : `${redriven} failed events are requested again`,
  }
  const counts = await withAudit(call, change, () => redrive(queues, job, call))
  return jsonResponse(200, { ...counts, queues: await queueDepths(call) })
}

interface RedriveCounts {
  readonly redriven: number
  /** Messages that were received and stay: of no job, or of another one. */
  readonly left: number
}

async function redrive(
  queues: readonly FailureQueue[],
  job: string | undefined,
  { ports, request }: OperationContext,
): Promise<RedriveCounts> {
  const { clock, bus } = ports
  const deadline = clock.now() + REDRIVE_MS
  const counts = { redriven: 0, left: 0 }
  for (const queue of queues) {
    while (clock.now() < deadline) {
      const messages = await ports.queues.receive(queue, REDRIVE_HIDDEN_MS)
      if (messages.length === 0) break
      for (const message of messages) {
        const event = parseFailedEvent(message)
        // an event that was redriven and failed again has come after the request
        const isRequested = (job === undefined || event.job === job) && message.at <= request.at
        if (event.again && isRequested) {
          await bus.publish(event.again)
          await ports.queues.delete(queue, message.receipt)
          counts.redriven += 1
        } else counts.left += 1
      }
    }
  }
  return counts
}
