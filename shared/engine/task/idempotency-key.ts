import { hashOf } from '#shared/domain/codec.ts'
import { freeRunId } from '#shared/domain/ids.ts'
import { pollUntil } from '#shared/domain/polling.ts'
import type { Claim } from '#shared/domain/records/claim.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import { claimWork, ensureStarted } from './claim-work.ts'
import {
  newClaim,
  RECORD_POLL_MS,
  RECORD_WAIT_MS,
  type Submission,
  type SubmitPorts,
  type SubmitResult,
  workHash,
} from './submission.ts'

/**
 * Submits under an `Idempotency-Key`: all submissions with the same key and the same parameters get the same task (I9).
 *
 * @throws what the table throws, and an error when the stored claim of the key cannot be read
 */
export async function submitWithKey(
  key: string,
  submission: Submission,
  ports: SubmitPorts,
): Promise<SubmitResult> {
  const { job, params } = submission
  const { submissionClaims: claims } = ports.store
  const now = ports.clock.now()
  const hash = `key-${hashOf(key)}`
  const requestHash = workHash(params)
  const stored = await claims.get(job.id, hash, now)
  if (stored) return resolveClaim(stored, requestHash, submission, ports)
  const runId = freeRunId(job.id, now, ports.random)
  const claim = newClaim({ hash, requestHash, runId }, now, now)
  return replaceClaim(claim, undefined, submission, ports, () => submitAsOwner(claim, submission, ports))
}

/** The submission that owns the key creates a task under the claimed id, unless the same work is live. */
async function submitAsOwner(
  claim: Claim,
  submission: Submission,
  ports: SubmitPorts,
): Promise<SubmitResult> {
  await submission.beforeEffect?.(claim.createdAt)
  const submitted = await claimWork({ ...submission, runId: claim.runId }, ports)
  if (submitted.status !== 'coalesced') return submitted
  const joined = { ...claim, runId: submitted.run.id, claimedAt: claim.claimedAt + 1 }
  return replaceClaim(joined, claim, submission, ports, async () => submitted)
}

async function resolveClaim(
  claim: Claim,
  requestHash: string,
  submission: Submission,
  ports: SubmitPorts,
): Promise<SubmitResult> {
  if (claim.requestHash !== requestHash) return { status: 'conflict' }
  const current = await waitForRunOrClaim(claim, submission, ports)
  if (current && 'hash' in current) return resolveClaim(current, requestHash, submission, ports)
  if (current) return { status: 'repeated', run: await ensureStarted(current, ports) }
  // the owner of the key was killed before it recorded its task: this submission takes over
  const renewed = { ...claim, claimedAt: claim.claimedAt + 1 }
  return replaceClaim(renewed, claim, submission, ports, () => submitAsOwner(renewed, submission, ports))
}

/** Replaces the claim of a key and goes on; when another submission replaced it first, that claim counts. */
async function replaceClaim(
  claim: Claim,
  stored: Claim | undefined,
  submission: Submission,
  ports: SubmitPorts,
  next: () => Promise<SubmitResult>,
): Promise<SubmitResult> {
  const { id } = submission.job
  const result = await ports.store.submissionClaims.replace(id, claim, stored, ports.clock.now())
  if (result.written) return next()
  if (result.stored) return resolveClaim(result.stored, claim.requestHash, submission, ports)
  throw new Error(`the claim of a key of ${id} is stored in a format that cannot be read`)
}

/**
 * Waits until the task of a claim is recorded, or the claim refers to another task, which its owner has joined;
 * `undefined` when the owner was killed before.
 */
function waitForRunOrClaim(
  claim: Claim,
  { job }: Submission,
  { store, clock }: SubmitPorts,
): Promise<RunRecord | Claim | undefined> {
  const polling = { deadline: clock.now() + RECORD_WAIT_MS, firstMs: RECORD_POLL_MS }
  return pollUntil(clock, polling, async () => {
    const run = await store.runs.get(job.id, claim.runId)
    if (run) return run
    const stored = await store.submissionClaims.get(job.id, claim.hash, clock.now())
    return stored && stored.runId !== claim.runId ? stored : undefined
  })
}
