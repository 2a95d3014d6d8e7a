import * as z from 'zod/mini'
import { isIdempotencyKey } from '#functions/runtime/submission.ts'
import type { Job } from '#shared/declare/job.ts'
import { hashOf } from '#shared/domain/codec.ts'
import { freeRunId } from '#shared/domain/ids.ts'
import type { Claim } from '#shared/domain/records/claim.ts'
import type { HttpResult } from '#shared/http/problem.ts'
import { withAudit } from './audit.ts'
import type { OperationContext, OperationHandler } from './http/operation.ts'
import { expectOnlyParameters, jobOfPath, parseBody, textMember } from './http/request.ts'
import { HttpError, jsonResponse } from './http/response.ts'
import { expectKey } from './keys.ts'
import { assertNotRunning, requestRun } from './run-requests.ts'

/** Whoever took a trigger upon himself has said it on the bus by then, or never will. */
const PUBLISH_TIMEOUT_MS = 5_000

const KEY_TTL_MS = 24 * 3_600_000

const triggerBody = z.strictObject({
  key: z.optional(textMember('a key', 256)),
  reason: z.optional(textMember('a reason', 200)),
})

/**
 * Asks for a run now, of the whole job or of one key of it. The run's id is promised before the bus is told: said
 * again, after a crash or under the same `Idempotency-Key`, it is the same run.
 */
export const trigger: OperationHandler = async (call) => {
  const job = jobOfPath(call)
  expectOnlyParameters(call.request.query, [])
  const asked = parseBody(call.request, triggerBody)
  if (asked.key !== undefined) expectKey(job, asked.key)
  const underKey = idempotencyKey(call, { key: asked.key, reason: asked.reason })
  const before = underKey && (await storedTrigger(underKey, job.id, call))
  if (before && (await isPublished(before, job, call))) return acceptedResponse(before.runId, job, call)
  assertEnabled(job)
  // the lease of the whole job leaves its keys free, and a task waits for its turn
  if (asked.key === undefined && job.run.mode === 'plain') await assertNotRunning(job, call)

  const now = call.ports.clock.now()
  const runId = before?.runId ?? freeRunId(job.id, now, call.ports.random)
  const taken: Claim | undefined = underKey && {
    ...underKey,
    runId,
    claimedAt: now,
    isPublished: false,
    expiresAt: before?.expiresAt ?? now + KEY_TTL_MS,
  }
  if (taken) await claimKey(taken, before, job, call)
  const change = { action: 'trigger', subject: `job:${job.id}`, after: { run_id: runId, ...asked } }
  await withAudit(call, change, () => requestRun(runId, { job, ...asked }, call.ports))
  if (taken) await notePublished(taken, job, call)
  return acceptedResponse(runId, job, call)
}

/**
 * Whether a promised run needs not be asked for again: the bus took it, or it has begun.
 *
 * @throws {HttpError} 409 while another request may still be telling the bus
 */
async function isPublished(before: Claim, job: Job, { ports }: OperationContext): Promise<boolean> {
  if (before.isPublished || (await ports.store.runs.get(job.id, before.runId))) return true
  if (ports.clock.now() - before.claimedAt >= PUBLISH_TIMEOUT_MS) return false
  throw requestInProgress(before.runId)
}

function assertEnabled({ id, off }: Job): void {
  if (off === undefined) return
  throw new HttpError({ status: 409, message: `expected a job that runs; ${id} is off: ${off}` })
}

/** @throws {HttpError} 409 when another request under the same key came first */
async function claimKey(to: Claim, over: Claim | undefined, job: Job, { ports }: OperationContext) {
  const taken = await ports.store.operatorClaims.replace(job.id, to, over, to.claimedAt)
  if (!taken.written) throw requestInProgress(taken.stored?.runId)
}

/** The run comes either way: without the note, a repetition would only ask for the same run once more. */
async function notePublished(taken: Claim, job: Job, { ports }: OperationContext): Promise<void> {
  try {
    await ports.store.operatorClaims.replace(job.id, { ...taken, isPublished: true }, taken, taken.claimedAt)
  } catch (error) {
    ports.log.warn('That the bus took a trigger could not be noted', {
      job: job.id,
      run_id: taken.runId,
      error,
    })
  }
}

function requestInProgress(runId: string | undefined): HttpError {
  return new HttpError({
    status: 409,
    message: 'A request under this Idempotency-Key is being carried out; it may be repeated in a moment',
    headers: { 'retry-after': String(PUBLISH_TIMEOUT_MS / 1_000) },
    members: runId === undefined ? {} : { run_id: runId },
  })
}

function acceptedResponse(runId: string, job: Job, { route, id }: OperationContext): HttpResult {
  const location = `/v1/runs/${runId}`
  const isAlias = route.path.startsWith('/admin/')
  const body = {
    success: true,
    message: `Job ${id} triggered`,
    run_id: runId,
    job: job.id,
    status_url: isAlias ? `/admin/jobs/runs/${runId}` : location,
  }
  return jsonResponse(202, body, { location })
}

/** An operator's `Idempotency-Key` and what it is to stand for, both hashed. */
export interface IdempotencyKey {
  readonly hash: string
  readonly requestHash: string
}

/**
 * The `Idempotency-Key` of a request; `undefined` where it has none.
 *
 * @throws {HttpError} 400 for a key that is not 1 to 128 visible characters
 */
export function idempotencyKey({ request }: OperationContext, asked: object): IdempotencyKey | undefined {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (isIdempotencyKey(key)) return { hash: hashOf(key), requestHash: hashOf(JSON.stringify(asked)) }
  const message = `Idempotency-Key: expected 1 to 128 visible ASCII characters, got ${key.length} others`
  throw new HttpError({ status: 400, message })
}

/**
 * What a key stands for already.
 *
 * @throws {HttpError} 422 when that is something else, or another job
 */
export async function storedTrigger(
  { hash, requestHash }: IdempotencyKey,
  jobId: string,
  { system, request, ports }: OperationContext,
): Promise<Claim | undefined> {
  const stored = await Promise.all(
    system.jobs.map(async ({ id }) => ({
      id,
      trigger: await ports.store.operatorClaims.get(id, hash, request.at),
    })),
  )
  const other = stored.find(({ id, trigger }) => trigger !== undefined && id !== jobId)
  if (other) throw keyUsedFor(`the job ${other.id}`)
  const mine = stored.find(({ id }) => id === jobId)?.trigger
  if (mine && mine.requestHash !== requestHash) throw keyUsedFor('another body')
  return mine
}

function keyUsedFor(what: string): HttpError {
  const message = `Idempotency-Key: expected a new key, got one that was used within 24 hours for ${what}`
  return new HttpError({ status: 422, message })
}
