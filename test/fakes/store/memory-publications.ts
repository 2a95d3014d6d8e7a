import type { Store } from '#shared/domain/ports/store.ts'
import type { Publication } from '#shared/domain/records/publication.ts'
import { at, type Memory } from './memory.ts'

export function itemsIn({ items, keys }: Memory): Pick<Store, 'items' | 'keys'> {
  return {
    items: {
      get: async (job, key) => items.get(at(job, key)),
      getMany: async (job, keys) => {
        const stored = keys.flatMap((key) => items.get(at(job, key)) ?? [])
        return new Map(stored.map((item) => [item.key, item]))
      },
      put: async (job, item, now) => {
        const stored = items.get(at(job, item.key))
        const absent = stored === undefined || stored.expiresAt <= now
        if (absent || (stored.fence < item.fence && stored.asOf <= item.asOf)) {
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
      remove: async (job, key) => {
        items.delete(at(job, key))
      },
    },
    keys: {
      add: async (job, added) => {
        keys.set(job, new Set([...(keys.get(job) ?? []), ...added]))
      },
      list: async (job) => [...(keys.get(job) ?? [])].sort(),
      remove: async (job, removed) => {
        keys.set(job, new Set(keys.get(job)).difference(new Set(removed)))
      },
    },
  }
}

/** Marks a publication as stale, if it was checked before. */
function markStale<P extends Publication>(all: Map<string, P>, name: string, now: number): boolean {
  const stored = all.get(name)
  if (!stored || stored.checkedAt >= now) return false
  all.set(name, { ...stored, invalidatedAt: now })
  return true
}

export function snapshotsIn({ heads, pages }: Memory): Pick<Store, 'snapshots'> {
  return {
    snapshots: {
      head: async (job, key) => heads.get(at(job, key)),
      entries: async (job, head) => pages.get(at(job, `${head.key} ${head.version}`)),
      publish: async (job, head, entries, over, now) => {
        const stored = heads.get(at(job, head.key))
        pages.set(at(job, `${head.key} ${head.version}`), entries)
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
          const { checkedAt, freshUntil, staleUntil, expiresAt, fence } = head
          heads.set(at(job, head.key), {
            ...stored,
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
      remove: async (job, key) => {
        heads.delete(at(job, key))
        for (const name of [...pages.keys()]) if (name.startsWith(`${at(job, key)} `)) pages.delete(name)
      },
    },
  }
}
