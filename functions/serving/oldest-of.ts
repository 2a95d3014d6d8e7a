import type { PublicationTimes } from './representation.ts'

/**
 * The labels of an answer that several stored ones are in: the earliest of each time, so that nothing is promised that
 * one of them cannot keep. One that an operator has marked as stale is not fresh from its own check on.
 *
 * @throws {TypeError} of none
 */
export function mergeFreshness(parts: readonly PublicationTimes[]): PublicationTimes {
  const [first] = parts
  if (!first) throw new TypeError('expected stored answers to label another one with, got none')
  const { isAbsent: _absent, invalidatedAt: _marked, ...times } = first
  const oldest: { -readonly [name in keyof typeof times]: (typeof times)[name] } = times
  for (const one of parts) {
    oldest.asOf = Math.min(oldest.asOf, one.asOf)
    oldest.fetchedAt = Math.min(oldest.fetchedAt, one.fetchedAt)
    oldest.checkedAt = Math.min(oldest.checkedAt, one.checkedAt)
    oldest.freshUntil = Math.min(oldest.freshUntil, isInvalidated(one) ? one.checkedAt : one.freshUntil)
    oldest.staleUntil = Math.min(oldest.staleUntil, one.staleUntil)
    oldest.expiresAt = Math.min(oldest.expiresAt, one.expiresAt)
    oldest.degraded ||= one.degraded
    if (one.dataSource === 'simulated') oldest.dataSource = 'simulated'
  }
  return oldest
}

function isInvalidated({ invalidatedAt, checkedAt }: PublicationTimes): boolean {
  return invalidatedAt !== undefined && invalidatedAt > checkedAt
}
