import { hashOf } from '#shared/domain/codec.ts'
import type { Claim } from '#shared/domain/records/claim.ts'
import type { OperationContext } from './operation.ts'
import { HttpError } from './refused.ts'

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
  if (/^[\x21-\x7e]{1,128}$/.test(key))
    return { hash: hashOf(key), requestHash: hashOf(JSON.stringify(asked)) }
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
