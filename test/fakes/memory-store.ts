import { noControl } from '#shared/adapters/dynamodb/controls.ts'
import { noUpstreamState } from '#shared/adapters/dynamodb/upstream-states.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import type { ClaimStore, OperatorStore, Store, SubmissionStore } from '#shared/domain/ports/store.ts'
import type { AuditEntry } from '#shared/domain/records/audit-entry.ts'
import type { Claim } from '#shared/domain/records/claim.ts'
import type { Control } from '#shared/domain/records/control.ts'
import type { JobState, LeaseScope, RunSummaryUpdate } from '#shared/domain/records/job-state.ts'
import type { HistoryRow, Item, Publication } from '#shared/domain/records/publication.ts'
import type { RejectedRecord } from '#shared/domain/records/rejected.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { SnapshotEntry, SnapshotHead } from '#shared/domain/records/snapshot.ts'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'

/** What the in-memory store holds, open to tests. Keys join job and key by a space. */
export interface Memory {
  readonly items: Map<string, Item>
  readonly keys: Map<string, ReadonlySet<string>>
  readonly heads: Map<string, SnapshotHead>
  readonly pages: Map<string, readonly SnapshotEntry[]>
  readonly history: Map<string, HistoryRow>
  readonly parts: Map<string, { readonly text: string; readonly expiresAt: number }>
  readonly submissions: Map<string, Claim>
  readonly rejected: Map<string, RejectedRecord>
  readonly runs: Map<string, RunRecord>
  readonly states: Map<string, JobState & { skips?: number }>
  readonly keyLeases: Map<string, { owner: string; until: number }>
  readonly controls: Map<string, Control>
  readonly triggers: Map<string, Claim>
  readonly audits: AuditEntry[]
  readonly upstreams: Map<string, UpstreamState>
}

/** The store's promises kept in memory; nothing is ever cleared. */
export function memoryStore(): OperatorStore & SubmissionStore & { readonly memory: Memory } {
  const memory: Memory = {
    items: new Map(),
    keys: new Map(),
    heads: new Map(),
    pages: new Map(),
    history: new Map(),
    parts: new Map(),
    submissions: new Map(),
    rejected: new Map(),
    runs: new Map(),
    states: new Map(),
    keyLeases: new Map(),
    controls: new Map(),
    triggers: new Map(),
    audits: [],
    upstreams: new Map(),
  }
  return {
    memory,
    ...itemsIn(memory),
    ...snapshotsIn(memory),
    ...runsIn(memory),
    ...statesIn(memory),
    ...tasksIn(memory),
    ...restIn(memory),
  }
}

const at = (job: string, key: string) => `${job} ${key}`

function itemsIn({ items, keys }: Memory): Pick<Store, 'items' | 'keys'> {
  return {
    items: {
      get: async (job, key) => items.get(at(job, key)),
      getMany: async (job, keys) => {
        const found = keys.flatMap((key) => items.get(at(job, key)) ?? [])
        return new Map(found.map((item) => [item.key, item]))
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

function snapshotsIn({ heads, pages }: Memory): Pick<Store, 'snapshots'> {
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

function runsIn({ runs }: Memory): Pick<Store, 'runs'> {
  const counted = new Set<string>()
  return {
    runs: {
      open: async (record) => {
        const stored = runs.get(at(record.job, record.id))
        if (stored && stored.owner !== record.owner) return { opened: false, stored }
        if (!stored) runs.set(at(record.job, record.id), record)
        return { opened: true }
      },
      countDuplicate: async (job, id, owner) => {
        const stored = runs.get(at(job, id))
        const delivery = `${at(job, id)} ${owner}`
        if (!stored || counted.has(delivery)) return
        counted.add(delivery)
        runs.set(at(job, id), { ...stored, duplicates: stored.duplicates + 1 })
      },
      takeOver: async (record, from) => {
        const stored = runs.get(at(record.job, record.id))
        if (stored?.owner === record.owner) return true
        if (stored?.status !== 'running' || stored.owner !== from.owner) return false
        const { owner, startedAt, leaseUntil } = record
        const duplicates = stored.duplicates + 1
        runs.set(at(record.job, record.id), { ...stored, owner, startedAt, leaseUntil, duplicates })
        return true
      },
      close: async (record, { unlessFinishing = false } = {}) => {
        const stored = runs.get(at(record.job, record.id))
        if (stored?.owner !== record.owner) return false
        if (stored.status !== 'running')
          return stored.status === record.status && stored.reason === record.reason
        if (unlessFinishing && stored.task?.publishingAt !== undefined) return false
        const task = stored.task && { task: { ...stored.task, ...record.task } }
        runs.set(at(record.job, record.id), { ...record, ...task, duplicates: stored.duplicates })
        return true
      },
      advance: async (record) => {
        const stored = runs.get(at(record.job, record.id))
        if (stored?.owner !== record.owner || stored.status !== 'running' || !record.task) return false
        const fence = record.fence === undefined ? {} : { fence: record.fence }
        runs.set(at(record.job, record.id), { ...stored, ...fence, task: { ...stored.task, ...record.task } })
        return true
      },
      get: async (job, id) => runs.get(at(job, id)),
      list: async (job, { from, to, limit }) =>
        [...runs.values()]
          .filter((run) => run.job === job && startOf(run) >= from && startOf(run) <= to)
          .sort((a, b) => startOf(b) - startOf(a))
          .slice(0, limit),
    },
  }
}

function startOf(run: RunRecord): number {
  return run.tick ?? run.startedAt
}

function statesIn({ states, keyLeases }: Memory): Pick<Store, 'states'> {
  const state = (job: string) => states.get(job) ?? { fence: 0, consecutiveFailures: 0 }
  const nextFence = (job: string) => {
    const fence = state(job).fence + 1
    states.set(job, { ...state(job), fence })
    return { fence }
  }
  const held = (job: string, scope: LeaseScope) =>
    scope.kind === 'job' ? state(job).lease : keyLeases.get(at(job, scope.key))
  return {
    states: {
      get: async (job) => {
        const { skips: _skips, ...known } = state(job)
        return known
      },
      acquire: async (job, scope, lease, now) => {
        const holder = held(job, scope)
        if (holder && holder.until > now && holder.owner !== lease.owner) return { leasedUntil: holder.until }
        if (scope.kind === 'key') keyLeases.set(at(job, scope.key), lease)
        if (scope.kind === 'key') return nextFence(job)
        const { statistics } = state(job)
        states.set(job, { ...state(job), lease })
        return { ...nextFence(job), ...(statistics ? { statistics } : {}) }
      },
      release: async (job, scope, owner, summary) => {
        if (held(job, scope)?.owner !== owner) return
        if (scope.kind === 'key') keyLeases.delete(at(job, scope.key))
        else states.set(job, withSummary(state(job), summary))
      },
      countSkip: async (job) => {
        states.set(job, { ...state(job), skips: (state(job).skips ?? 0) + 1 })
      },
      setMissingSince: async (job, since) => {
        states.set(job, { ...state(job), missingSince: state(job).missingSince ?? since })
      },
      setWatchState: async (job, watchState) => {
        states.set(job, { ...state(job), watchState })
      },
      setPublicControl: async (job, control) => {
        const known = state(job).control
        if (known === undefined || known.revision < control.revision)
          states.set(job, { ...state(job), control })
      },
      setPurged: async (job, since) => {
        const { freshUntil: _gone, ...kept } = state(job)
        states.set(job, { ...kept, missingSince: since })
      },
    },
  }
}

function withSummary(state: JobState, summary: RunSummaryUpdate | undefined): JobState {
  const { lease: _lease, ...free } = state
  if (!summary) return free
  const { health, ...rest } = summary
  const { missingSince, ...kept } = free
  return {
    ...kept,
    ...(missingSince === undefined || rest.freshUntil !== undefined ? {} : { missingSince }),
    ...rest,
    consecutiveFailures:
      health === 'success'
        ? 0
        : health === 'failure'
          ? state.consecutiveFailures + 1
          : state.consecutiveFailures,
  }
}

function restIn({
  history,
  rejected,
  audits,
  controls,
  triggers,
  upstreams,
}: Memory): Pick<
  OperatorStore,
  'history' | 'rejected' | 'audits' | 'controls' | 'operatorClaims' | 'upstreams'
> {
  return {
    history: {
      put: async (job, rows) => {
        for (const row of rows) history.set(`${at(job, row.kind)} ${row.entity} ${row.at}`, row)
      },
      list: async (job, kind, entity, { from, to, limit }) =>
        [...history]
          .filter(([name]) => name.startsWith(`${at(job, kind)} ${entity} `))
          .map(([, row]) => row)
          .filter((row) => row.at >= from && row.at <= to)
          .sort((a, b) => b.at - a.at)
          .slice(0, limit),
    },
    rejected: {
      get: async (job, key) => rejected.get(at(job, key)),
      put: async (job, aside) => {
        rejected.set(at(job, aside.key), aside)
      },
      list: async (job) =>
        [...rejected].filter(([name]) => name.startsWith(`${job} `)).map(([, aside]) => aside),
      remove: async (job, key) => {
        rejected.delete(at(job, key))
      },
    },
    controls: {
      get: async (job) => controls.get(job) ?? noControl,
      replace: async (job, to) => {
        const stored = controls.get(job) ?? noControl
        if (stored.change !== undefined && stored.change === to.change) return { written: true }
        if (stored.revision !== to.revision - 1) return { written: false, stored }
        controls.set(job, to)
        return { written: true }
      },
    },
    operatorClaims: keyedIn(triggers),
    audits: {
      append: async (entry) => {
        audits.push(entry)
      },
      list: async ({ from, to, limit }) =>
        audits
          .filter(({ at }) => at >= from && at <= to)
          .sort((a, b) => (a.id < b.id ? 1 : -1))
          .slice(0, limit),
    },
    upstreams: {
      get: async (name) => upstreams.get(name) ?? noUpstreamState,
      replace: async (name, to) => {
        const stored = upstreams.get(name) ?? noUpstreamState
        if (stored.change === to.change) return { written: true }
        if (stored.revision !== to.revision - 1) return { written: false, stored }
        upstreams.set(name, to)
        return { written: true }
      },
    },
  }
}

function keyedIn(all: Map<string, Claim>): ClaimStore {
  return {
    get: async (job, hash, now) => {
      const stored = all.get(at(job, hash))
      return stored && stored.expiresAt > now ? stored : undefined
    },
    replace: async (job, to, over, now) => {
      const stored = all.get(at(job, to.hash))
      const isFree = over
        ? stored?.claimedAt === over.claimedAt
        : stored === undefined || stored.expiresAt <= now
      if (isFree) {
        all.set(at(job, to.hash), to)
        return { written: true }
      }
      const isOurs =
        stored?.runId === to.runId &&
        stored.claimedAt === to.claimedAt &&
        stored.isPublished === to.isPublished
      return isOurs ? { written: true } : { written: false, stored }
    },
  }
}

function tasksIn({
  parts,
  submissions,
}: Memory): Pick<Store, 'tasks'> & Pick<SubmissionStore, 'submissionClaims'> {
  return {
    submissionClaims: keyedIn(submissions),
    tasks: {
      put: async (job, run, name, value, expiresAt) => {
        parts.set(`${at(job, run)} ${name}`, { text: JSON.stringify(value), expiresAt })
      },
      get: async (job, run, name, now) => {
        const part = parts.get(`${at(job, run)} ${name}`)
        return part && part.expiresAt > now ? (JSON.parse(part.text) as JsonValue) : undefined
      },
    },
  }
}
