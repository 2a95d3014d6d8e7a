import { verifyBody } from '#shared/domain/codec.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { Store } from '#shared/domain/ports/store.ts'
import { type Item, type Publication, publicationFlaw } from '#shared/domain/records/publication.ts'
import { entryFlaw, headFlaw, type SnapshotEntry, versionOf } from '#shared/domain/records/snapshot.ts'
import { at, type Memory } from './memory.ts'

type Now = Pick<Clock, 'now'>

export function itemsIn(
  { items, keys, tombstones, keyChanges }: Memory,
  clock: Now,
): Pick<Store, 'items' | 'keys'> {
  /** As a real table would return it: undecodable ones count as absent. */
  const decoded = (job: string, key: string) => {
    const item = items.get(at(job, key))
    return item && publicationFlaw(item, clock.now()) === undefined && isBodyIntact(item) ? item : undefined
  }
  const unexpired = (job: string, key: string) => {
    const item = decoded(job, key)
    return item && item.expiresAt > clock.now() ? item : undefined
  }
  return {
    items: {
      get: async (job, key) => unexpired(job, key),
      getMany: async (job, keys) => {
        const stored = keys.flatMap((key) => unexpired(job, key) ?? [])
        return new Map(stored.map((item) => [item.key, item]))
      },
      put: async (job, item, now, { anyAsOf = false } = {}) => {
        const stored = decoded(job, item.key)
        if ((tombstones.get(at(job, item.key)) ?? 0) > item.fence)
          return { written: false, stored: undefined, isPurged: true }
        const absent = stored === undefined || stored.expiresAt <= now
        if (absent || (stored.fence < item.fence && (anyAsOf || stored.asOf <= item.asOf))) {
          items.set(at(job, item.key), item)
          return { written: true }
        }
        return stored.fence === item.fence ? { written: true } : { written: false, stored }
      },
      confirm: async (job, item) => {
        const stored = items.get(at(job, item.key))
        if (!stored) return { written: false, stored: undefined }
        if (stored.etag === item.etag && stored.fence < item.fence) {
          const { checkedAt, freshUntil, staleUntil, expiresAt, fence } = item
          const validator = item.validator ? { validator: item.validator } : {}
          const times = { checkedAt, freshUntil, staleUntil, expiresAt }
          items.set(at(job, item.key), { ...stored, ...times, ...validator, fence })
          return { written: true }
        }
        return stored.fence === item.fence ? { written: true } : { written: false, stored }
      },
      invalidate: async (job, key, now) => markStale(items, at(job, key), now),
      remove: async (job, key, { fence }) => {
        if ((items.get(at(job, key))?.fence ?? 0) > fence) return false
        items.delete(at(job, key))
        bury(tombstones, at(job, key), fence)
        return true
      },
    },
    keys: {
      add: async (job, added, fence) => {
        const change = keyChanges.get(job) ?? { changes: 0 }
        if ((change.purgedFence ?? 0) > fence) return false
        const listed = keys.get(job) ?? new Set()
        if (change.purging === undefined && added.every((key) => listed.has(key))) return true
        keys.set(job, new Set([...listed, ...added]))
        keyChanges.set(job, { ...change, changes: change.changes + 1 })
        return true
      },
      list: async (job) => listOf(keys.get(job)),
      startPurge: async (job, fence, { all }) => {
        const { changes, ...change } = keyChanges.get(job) ?? { changes: 0 }
        const purged = all ? { purgedFence: fence } : {}
        keyChanges.set(job, { ...change, ...purged, purging: fence, changes: changes + 1 })
        return { fence, version: changes + 1, keys: listOf(keys.get(job)) }
      },
      endPurge: async (job, { fence, version }, removed) => {
        const { purging, changes, ...change } = keyChanges.get(job) ?? { changes: 0 }
        if (changes === version) {
          keys.set(job, new Set(keys.get(job)).difference(new Set(removed)))
          keyChanges.set(job, { ...change, changes: changes + 1 })
        } else if (purging === fence) keyChanges.set(job, { ...change, changes })
      },
    },
  }
}

function listOf(keys: ReadonlySet<string> | undefined): readonly string[] {
  return [...(keys ?? [])].sort()
}

function bury(tombstones: Memory['tombstones'], name: string, fence: number): void {
  tombstones.set(name, Math.max(fence, tombstones.get(name) ?? 0))
}

/** Marks a publication as stale, if it was checked before. */
function markStale<P extends Publication>(all: Map<string, P>, name: string, now: number): boolean {
  const stored = all.get(name)
  if (!stored || stored.checkedAt >= now) return false
  all.set(name, { ...stored, invalidatedAt: now })
  return true
}

const intactBodies = new WeakSet<Uint8Array>()

function isBodyIntact({ body, isAbsent }: Item): boolean {
  if (isAbsent || intactBodies.has(body)) return true
  try {
    verifyBody(body, undefined)
    intactBodies.add(body)
    return true
  } catch {
    return false
  }
}

const intactEntries = new WeakSet<SnapshotEntry>()

function isEntryIntact(entry: SnapshotEntry, now: number): boolean {
  if (entryFlaw(entry, now, intactEntries.has(entry)) !== undefined) return false
  intactEntries.add(entry)
  return true
}

export function snapshotsIn({ heads, pages, tombstones }: Memory, clock: Now): Pick<Store, 'snapshots'> {
  const decoded = (job: string, key: string) => {
    const head = heads.get(at(job, key))
    const flaw = head && (publicationFlaw(head, clock.now()) ?? headFlaw(head, clock.now()))
    return flaw === undefined ? head : undefined
  }
  return {
    snapshots: {
      head: async (job, key) => {
        const head = decoded(job, key)
        return head && head.expiresAt > clock.now() ? head : undefined
      },
      entries: async (job, head) =>
        pages
          .get(at(job, `${head.key} ${head.version}`))
          ?.filter((entry) => isEntryIntact(entry, clock.now())),
      publish: async (job, head, entries, over, now) => {
        const stored = decoded(job, head.key)
        pages.set(at(job, `${head.key} ${head.version}`), entries)
        const tombstone = stored ? undefined : tombstones.get(at(job, head.key))
        if (tombstone !== undefined && (tombstone >= head.fence || tombstone !== over))
          return { written: false, fence: tombstone }
        const absent = stored === undefined || stored.expiresAt <= now
        if (absent || (stored.fence < head.fence && stored.fence === over)) {
          heads.set(at(job, head.key), { ...head, pages: 1 })
          return { written: true }
        }
        return stored.fence === head.fence ? { written: true } : { written: false, fence: stored.fence }
      },
      confirm: async (job, head) => {
        const stored = heads.get(at(job, head.key))
        if (stored?.version === head.version && stored.fence < head.fence) {
          const { checkedAt, freshUntil, staleUntil, expiresAt, fence, ageLimit } = head
          const { ageLimit: _ageLimit, ...kept } = stored
          heads.set(at(job, head.key), {
            ...kept,
            ...(ageLimit ? { ageLimit } : {}),
            checkedAt,
            freshUntil,
            staleUntil,
            expiresAt,
            fence,
            confirmedAt: checkedAt,
          })
          return { written: true }
        }
        return stored?.fence === head.fence ? { written: true } : { written: false, fence: stored?.fence }
      },
      invalidate: async (job, key, now) => markStale(heads, at(job, key), now),
      remove: async (job, key, { fence }) => {
        if ((heads.get(at(job, key))?.fence ?? 0) > fence) return false
        heads.delete(at(job, key))
        bury(tombstones, at(job, key), fence)
        const end = at(job, `${key} ${versionOf(fence)}`)
        for (const name of [...pages.keys()])
          if (name.startsWith(`${at(job, key)} `) && name < end) pages.delete(name)
        return true
      },
    },
  }
}
