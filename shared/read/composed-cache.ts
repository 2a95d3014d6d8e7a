import { hashOf } from '#shared/domain/codec.ts'
import {
  composedRepresentation,
  type PublicationTimes,
  type Representation,
  withTimes,
} from './representation.ts'
import type { JoinedResult, ServableItem } from './view.ts'

/** Answers that one process remembers. */
const MAX_RESPONSES = 200

/** Answers that shapes put together, each made once for as long as what it is made from stands. */
export interface ComposedCache {
  /** One whose text is made already, labelled as what it was made from. */
  fromOne(route: string, text: string, from: PublicationTimes): Representation
  /** One of several stored answers, labelled as the oldest of them. */
  fromMany(route: string, joined: JoinedResult): Representation
}

export function composedCache(): ComposedCache {
  const known = new Map<string, Representation>()
  return {
    fromOne: (route, text, from) => remembered(`${route} ${hashOf(text)}`, from, () => text),
    fromMany: (route, { from, variant, text }) => {
      const parts = from.map(({ representation }) => representation)
      const labels = mergeFreshness(parts)
      const { asOf, fetchedAt, degraded } = labels
      const tags = from.map(sourceTag).join(' ')
      const name = `${route} ${tags} ${asOf} ${fetchedAt} ${degraded} ${variant}`
      return remembered(name, labels, () => text(labels))
    },
  }

  /** The body is made once; its times are those of what it is made from now. */
  function remembered(name: string, of: PublicationTimes, text: () => string): Representation {
    const before = known.get(name)
    if (before && hasSameTimes(before, of)) return before
    const value = before
      ? withTimes(before, of)
      : composedRepresentation({ ...of, etag: hashOf(name) }, text())
    if (known.size >= MAX_RESPONSES) known.clear()
    known.set(name, value)
    return value
  }
}

/** What an answer says of one it is made from: its payload, and where that came from. */
function sourceTag({ representation, waited, isFallback }: ServableItem): string {
  if (waited) return `${representation.etag} waited`
  return isFallback ? `${representation.etag} copy` : representation.etag
}

/** Whether an answer has the labels of what it is made from now. An operator may have marked that as stale since. */
function hasSameTimes(known: Representation, of: PublicationTimes): boolean {
  return (
    known.fetchedAt === of.fetchedAt &&
    known.checkedAt === of.checkedAt &&
    known.freshUntil === of.freshUntil &&
    known.invalidatedAt === of.invalidatedAt &&
    known.dataSource === of.dataSource
  )
}

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
