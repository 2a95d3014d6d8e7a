import { isIdempotencyKey } from '#functions/runtime/submission.ts'
import { hashOf } from '#shared/domain/codec.ts'
import { DAY_MS } from '#shared/domain/duration.ts'
import type { Claim } from '#shared/domain/records/claim.ts'
import type { OperationContext } from '../http/operation.ts'
import { HttpError } from '../http/response.ts'

/** How long an `Idempotency-Key` names the same request. */
export const CLAIM_TTL_MS = DAY_MS

/** An operator's `Idempotency-Key` and the request it was sent with, both hashed. */
interface IdempotencyKey {
  readonly hash: string
  readonly requestHash: string
}

/**
 * The `Idempotency-Key` of a request; `undefined` without one.
 *
 * @throws {HttpError} 400 for a key that is not 1 to 128 visible characters
 */
export function parseIdempotencyKey({ request }: OperationContext, body: object): IdempotencyKey | undefined {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (isIdempotencyKey(key)) return { hash: hashOf(key), requestHash: hashOf(JSON.stringify(body)) }
  const message = `Idempotency-Key: expected 1 to 128 visible ASCII characters, got ${key.length} others`
  throw new HttpError({ status: 400, message })
}

/**
 * The stored claim of a key.
 *
 * @throws {HttpError} 422 when the key belongs to another request or another job
 */
export async function loadClaim(
  { hash, requestHash }: IdempotencyKey,
  jobId: string,
  { system, request, ports }: OperationContext,
): Promise<Claim | undefined> {
  const claims = await Promise.all(
    system.jobs.map(async ({ id }) => ({
      id,
      claim: await ports.store.operatorClaims.get(id, hash, request.at),
    })),
  )
  const other = claims.find(({ id, claim }) => claim !== undefined && id !== jobId)
  if (other) throw keyUsedFor(`the job ${other.id}`)
  const claim = claims.find(({ id }) => id === jobId)?.claim
  if (claim && claim.requestHash !== requestHash) throw keyUsedFor('another body')
  return claim
}

function keyUsedFor(usage: string): HttpError {
  const message = `Idempotency-Key: expected a new key, got one that was used within 24 hours for ${usage}`
  return new HttpError({ status: 422, message })
}
