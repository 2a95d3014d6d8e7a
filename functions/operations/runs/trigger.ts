import * as z from 'zod/mini'
import type { Job } from '#shared/declare/job.ts'
import { defined } from '#shared/domain/defined.ts'
import { SECOND_MS } from '#shared/domain/duration.ts'
import { freeRunId } from '#shared/domain/ids.ts'
import { pollUntil } from '#shared/domain/polling.ts'
import type { Claim } from '#shared/domain/records/claim.ts'
import { shown } from '#shared/domain/text.ts'
import type { HttpResult } from '#shared/http/problem.ts'
import { withAudit } from '../audit.ts'
import { expectKey } from '../data/keys.ts'
import type { OperationContext, OperationHandler } from '../http/operation.ts'
import {
  expectOnlyParameters,
  jobOfPath,
  parseOperationBody,
  reasonMember,
  textMember,
} from '../http/request.ts'
import { HttpError, jsonResponse } from '../http/response.ts'
import { CLAIM_TTL_MS, loadClaim, parseIdempotencyKey } from './idempotency-key.ts'
import { assertNotRunning, requestRun } from './run-requests.ts'
import { runView } from './runs.ts'

/** A process that claimed a key publishes its request within this time, or has died. */
const PUBLISH_TIMEOUT_MS = 5_000

const triggerBody = z.strictObject({
  key: z.optional(textMember('a key', 256)),
  reason: z.optional(reasonMember),
})

/**
 * Requests a run now, of the whole job or of one key. The run's id is stored before the request is published, so that a
 * repetition with the same `Idempotency-Key`, even after a crash, returns the same run.
 */
export const trigger: OperationHandler = async (call) => {
  const job = jobOfPath(call)
  expectOnlyParameters(call.request.query, ['wait'])
  const waitMs = parseWait(call.request.query)
  const body = parseOperationBody(call.request, triggerBody)
  if (body.key !== undefined) expectKey(job, body.key)
  const idempotencyKey = parseIdempotencyKey(call, { key: body.key, reason: body.reason })
  const previous = idempotencyKey && (await loadClaim(idempotencyKey, job.id, call))
  if (previous && (await isPublished(previous, job, call)))
    return acceptedResponse(previous.runId, job, waitMs, call)
  assertEnabled(job)
  // A run of one key is allowed beside a run of the whole job, and a task waits for the lease itself.
  if (body.key === undefined && job.run.mode === 'plain') await assertNotRunning(job, call)

  const now = call.ports.clock.now()
  const runId = previous?.runId ?? freeRunId(job.id, now, call.ports.random)
  const createdAt = previous?.createdAt ?? now
  const claim: Claim | undefined = idempotencyKey && {
    ...idempotencyKey,
    runId,
    createdAt,
    claimedAt: now,
    isPublished: false,
    expiresAt: createdAt + CLAIM_TTL_MS,
  }
  if (claim) await storeClaim(claim, previous, job, call)
  const change = {
    action: 'trigger',
    target: { job: job.id },
    reason: body.reason,
    after: defined({ run_id: runId, key: body.key }),
    claim: claim && { at: createdAt, name: claim.hash },
    message: () => `Run ${runId} requested`,
  }
  await withAudit(call, change, () => requestRun(runId, { job, ...body }, call.ports))
  if (claim) await markPublished(claim, job, call)
  return acceptedResponse(runId, job, waitMs, call)
}

/**
 * Whether the request for a claimed run was published, or the run has started.
 *
 * @throws {HttpError} 409 while another request may still publish it
 */
async function isPublished(claim: Claim, job: Job, { ports }: OperationContext): Promise<boolean> {
  if (claim.isPublished || (await ports.store.runs.get(job.id, claim.runId))) return true
  if (ports.clock.now() - claim.claimedAt >= PUBLISH_TIMEOUT_MS) return false
  throw requestInProgress(claim.runId)
}

function assertEnabled({ id, off }: Job): void {
  if (off === undefined) return
  throw new HttpError({ status: 409, message: `expected a job that runs; ${id} is off: ${off}` })
}

/** @throws {HttpError} 409 when another request with the same key came first */
async function storeClaim(claim: Claim, previous: Claim | undefined, job: Job, { ports }: OperationContext) {
  const result = await ports.store.operatorClaims.replace(job.id, claim, previous, claim.claimedAt)
  if (!result.written) throw requestInProgress(result.stored?.runId)
}

/** Without this mark, a repetition publishes the request for the same run once more, which is harmless. */
async function markPublished(claim: Claim, job: Job, { ports }: OperationContext): Promise<void> {
  try {
    await ports.store.operatorClaims.replace(job.id, { ...claim, isPublished: true }, claim, claim.claimedAt)
  } catch (error) {
    ports.log.warn('The claim of a published trigger could not be updated', {
      job: job.id,
      run_id: claim.runId,
      error,
    })
  }
}

function requestInProgress(runId: string | undefined): HttpError {
  return new HttpError({
    status: 409,
    message: 'A request with this Idempotency-Key is in progress; repeat it in a moment',
    headers: { 'retry-after': String(PUBLISH_TIMEOUT_MS / SECOND_MS) },
    members: defined({ run_id: runId }),
  })
}

/** The longest wait for the end of the run; the gateway's limit is 30 s. */
const MAX_WAIT_S = 20
const FIRST_POLL_MS = 200
const MAX_POLL_MS = 1_000

/** The parameter `wait` in milliseconds; `undefined` without it. @throws {HttpError} 400 */
function parseWait({ wait }: OperationContext['request']['query']): number | undefined {
  if (wait === undefined) return undefined
  const seconds = /^\d{1,2}$/.test(wait) ? Number(wait) : Number.NaN
  if (seconds >= 1 && seconds <= MAX_WAIT_S) return seconds * SECOND_MS
  const message = `wait: expected 1 to ${MAX_WAIT_S} seconds, got ${shown(wait)}`
  throw new HttpError({ status: 400, message })
}

/** The run once it has ended; `null` if it has not by then. */
async function endedRun(runId: string, { id }: Job, waitMs: number, call: OperationContext) {
  const { clock, store } = call.ports
  const schedule = { deadline: clock.now() + waitMs, firstMs: FIRST_POLL_MS, maxMs: MAX_POLL_MS }
  const run = await pollUntil(clock, schedule, async () => {
    const record = await store.runs.get(id, runId)
    return record && record.status !== 'running' ? record : undefined
  })
  return run ? runView(run, clock.now()) : null
}

async function acceptedResponse(
  runId: string,
  job: Job,
  waitMs: number | undefined,
  call: OperationContext,
): Promise<HttpResult> {
  const { route, id } = call
  const location = `/v1/runs/${runId}`
  const isAlias = route.path.startsWith('/admin/')
  const body = {
    success: true,
    message: `Job ${id} triggered`,
    run_id: runId,
    job: job.id,
    status_url: isAlias ? `/admin/jobs/runs/${runId}` : location,
    ...defined({ run: waitMs === undefined ? undefined : await endedRun(runId, job, waitMs, call) }),
  }
  return jsonResponse(202, body, { location })
}
