import { hashOf } from '#shared/domain/codec.ts'
import { oldestOf } from './oldest-of.ts'
import { composition, type Published, type Representation, republished } from './representation.ts'
import type { Joined, ServableItem } from './shape.ts'

/** Answers that one process remembers. */
const MOST_ANSWERS = 200

/** Answers that shapes put together, each made once for as long as what it is made from stands. */
export interface Compositions {
  /** One whose text is made already, labelled as what it was made from. */
  ofOne(route: string, text: string, from: Published): Representation
  /** One of several stored answers, labelled as the oldest of them. */
  ofMany(route: string, joined: Joined): Representation
}

export function compositions(): Compositions {
  const known = new Map<string, Representation>()
  return {
    ofOne: (route, text, from) => remembered(`${route} ${hashOf(text)}`, from, () => text),
    ofMany: (route, { from, rest, text }) => {
      const parts = from.map(({ of }) => of)
      const labels = oldestOf(parts)
      const { asOf, fetchedAt, degraded } = labels
      const tags = from.map(tagOf).join(' ')
      const name = `${route} ${tags} ${asOf} ${fetchedAt} ${degraded} ${rest}`
      return remembered(name, labels, () => text(labels))
    },
  }

  /** The body is made once; its times are those of what it is made from now. */
  function remembered(name: string, of: Published, text: () => string): Representation {
    const before = known.get(name)
    if (before && isSameTime(before, of)) return before
    const value = before ? republished(before, of) : composition({ ...of, etag: hashOf(name) }, text())
    if (known.size >= MOST_ANSWERS) known.clear()
    known.set(name, value)
    return value
  }
}

/** What an answer says of one it is made from: its payload, and where that came from. */
function tagOf({ of, waited, isCopy }: ServableItem): string {
  if (waited) return `${of.etag} waited`
  return isCopy ? `${of.etag} copy` : of.etag
}

/** Whether an answer has the labels of what it is made from now. An operator may have marked that as stale since. */
function isSameTime(known: Representation, of: Published): boolean {
  return (
    known.fetchedAt === of.fetchedAt &&
    known.checkedAt === of.checkedAt &&
    known.freshUntil === of.freshUntil &&
    known.invalidatedAt === of.invalidatedAt &&
    known.dataSource === of.dataSource
  )
}
