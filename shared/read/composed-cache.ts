import { hashOf } from '#shared/domain/codec.ts'
import { isInvalidated } from '#shared/domain/freshness.ts'
import {
  composedRepresentation,
  type PublicationTimes,
  type Representation,
  withTimes,
} from './representation.ts'
import type { JoinedResult, ServableItem, ValueResult } from './view.ts'

const MAX_RESPONSES = 200

/** Cache of the responses that views compose: each is built once per combination of its sources. */
export class ComposedCache {
  readonly #responses = new Map<string, Representation>()
  /** By the stored set or the representation of an item, which are replaced when their content or times change. */
  readonly #bySource = new WeakMap<object, Map<string, Representation>>()

  /** A response from one stored set or item. */
  fromOne(route: string, { from, variant = '', compose }: ValueResult): Representation {
    const source = 'set' in from ? from.set : from.representation
    const responses = this.#bySource.get(source) ?? new Map<string, Representation>()
    this.#bySource.set(source, responses)
    const name = `${route} ${variant}`
    const cached = responses.get(name)
    if (cached) return cached
    const { body, identity, times } = compose()
    const text = JSON.stringify(body)
    const content = `${route} ${hashOf(text)}`
    const tag = identity === undefined ? content : `${route} ${hashOf(JSON.stringify(identity))}`
    const response = this.#memoized(content, tag, times, () => text)
    if (responses.size >= MAX_RESPONSES) responses.clear()
    responses.set(name, response)
    return response
  }

  /** A response from several stored items, with the earliest of their times. */
  fromMany(route: string, { from, variant, text }: JoinedResult): Representation {
    const times = mergeFreshness(from.map(({ representation }) => representation))
    const { asOf, fetchedAt, degraded } = times
    const tags = from.map(sourceTag).join(' ')
    const tag = `${route} ${tags} ${asOf} ${fetchedAt} ${degraded} ${variant}`
    const bodies = from.map(({ representation: { runId } }) => runId).join(' ')
    return this.#memoized(`${tag} ${bodies}`, tag, times, () => text(times))
  }

  /** The body is built once; its times are always the current ones of its sources. */
  #memoized(name: string, tag: string, times: PublicationTimes, text: () => string): Representation {
    const cached = this.#responses.get(name)
    if (cached && hasSameTimes(cached, times)) return cached
    const response = cached
      ? withTimes(cached, times)
      : composedRepresentation({ ...times, etag: hashOf(tag) }, text())
    if (this.#responses.size >= MAX_RESPONSES) this.#responses.clear()
    this.#responses.set(name, response)
    return response
  }
}

/** Identifies a source by its payload and by how it was obtained. */
function sourceTag({ representation, waited, isFallback }: ServableItem): string {
  if (waited) return `${representation.etag} waited`
  return isFallback ? `${representation.etag} copy` : representation.etag
}

/** Compares the times that can change while the payload stays: a confirmation or an invalidation by an operator. */
function hasSameTimes(cached: Representation, times: PublicationTimes): boolean {
  return (
    cached.fetchedAt === times.fetchedAt &&
    cached.checkedAt === times.checkedAt &&
    cached.freshUntil === times.freshUntil &&
    cached.staleUntil === times.staleUntil &&
    cached.modifiedAt === times.modifiedAt &&
    cached.invalidatedAt === times.invalidatedAt &&
    cached.dataSource === times.dataSource
  )
}

/**
 * The times of a response from several stored values: the earliest of each, so that the response promises nothing that
 * one of them cannot keep, and the latest modification. An invalidated item counts as stale since its own check.
 *
 * @throws {TypeError} when `parts` is empty
 */
export function mergeFreshness(parts: readonly PublicationTimes[]): PublicationTimes {
  const [first] = parts
  if (!first) throw new TypeError('expected at least one stored item to merge times from, got none')
  const { isAbsent: _absent, invalidatedAt: _invalidated, ...times } = first
  const merged: { -readonly [name in keyof typeof times]: (typeof times)[name] } = { ...times }
  for (const part of parts) {
    merged.modifiedAt = Math.max(merged.modifiedAt ?? merged.fetchedAt, part.modifiedAt ?? part.fetchedAt)
    merged.asOf = Math.min(merged.asOf, part.asOf)
    merged.fetchedAt = Math.min(merged.fetchedAt, part.fetchedAt)
    merged.checkedAt = Math.min(merged.checkedAt, part.checkedAt)
    merged.freshUntil = Math.min(merged.freshUntil, isInvalidated(part) ? part.checkedAt : part.freshUntil)
    merged.staleUntil = Math.min(merged.staleUntil, part.staleUntil)
    merged.expiresAt = Math.min(merged.expiresAt, part.expiresAt)
    merged.degraded ||= part.degraded
    if (part.dataSource === 'simulated') merged.dataSource = 'simulated'
  }
  return merged
}
