import { hashOf } from '#shared/domain/codec.ts'
import type { KeyedTrigger } from '#shared/domain/records/claim.ts'
import type { Call } from './operation.ts'
import { Refused } from './refused.ts'

/** An operator's `Idempotency-Key` and what it is to stand for, both hashed. */
export interface AskedUnderKey {
  readonly hash: string
  readonly asked: string
}

/**
 * The `Idempotency-Key` of a request; `undefined` where it has none.
 *
 * @throws {Refused} 400 for a key that is not 1 to 128 visible characters
 */
export function askedUnderKey({ request }: Call, asked: object): AskedUnderKey | undefined {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (/^[\x21-\x7e]{1,128}$/.test(key)) return { hash: hashOf(key), asked: hashOf(JSON.stringify(asked)) }
  const message = `Idempotency-Key: expected 1 to 128 visible ASCII characters, got ${key.length} others`
  throw new Refused({ status: 400, message })
}

/**
 * What a key stands for already.
 *
 * @throws {Refused} 422 when that is something else, or another job
 */
export async function standsFor(
  { hash, asked }: AskedUnderKey,
  jobId: string,
  { system, request, ports }: Call,
): Promise<KeyedTrigger | undefined> {
  const stored = await Promise.all(
    system.jobs.map(async ({ id }) => ({
      id,
      trigger: await ports.store.triggers.get(id, hash, request.at),
    })),
  )
  const other = stored.find(({ id, trigger }) => trigger !== undefined && id !== jobId)
  if (other) throw usedFor(`the job ${other.id}`)
  const mine = stored.find(({ id }) => id === jobId)?.trigger
  if (mine && mine.asked !== asked) throw usedFor('another body')
  return mine
}

function usedFor(what: string): Refused {
  const message = `Idempotency-Key: expected a new key, got one that was used within 24 hours for ${what}`
  return new Refused({ status: 422, message })
}
