import { noControl } from '#shared/adapters/dynamodb/controls.ts'
import { noUpstreamState } from '#shared/adapters/dynamodb/upstream-states.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { OperatorStore, RecordReader, Store, SubmissionStore } from '#shared/domain/ports/store.ts'
import {
  invalidationState,
  type LeaseScope,
  type RunSummaryUpdate,
} from '#shared/domain/records/job-state.ts'
import { at, type Memory, type StoredState } from './memory.ts'
import { historyIn } from './memory-history.ts'
import { itemsIn, snapshotsIn } from './memory-publications.ts'
import { keyedIn, runsIn, tasksIn } from './memory-runs.ts'

/** The store's promises kept in memory; nothing is ever cleared. */
export function memoryStore(
  clock: Pick<Clock, 'now'>,
): OperatorStore & SubmissionStore & { readonly memory: Memory } {
  const memory: Memory = {
    items: new Map(),
    keys: new Map(),
    tombstones: new Map(),
    keyChanges: new Map(),
    heads: new Map(),
    pages: new Map(),
    history: new Map(),
    parts: new Map(),
    submissions: new Map(),
    rejected: new Map(),
    runs: new Map(),
    states: new Map(),
    keyLeases: new Map(),
    coldEnds: new Map(),
    controls: new Map(),
    operatorRecords: new Map(),
    triggers: new Map(),
    audits: [],
    upstreams: new Map(),
  }
  const store = {
    memory,
    ...itemsIn(memory, clock),
    ...snapshotsIn(memory, clock),
    ...runsIn(memory),
    ...statesIn(memory),
    ...tasksIn(memory),
    ...historyIn(memory),
    ...restIn(memory, clock),
  }
  return { ...store, records: recordsIn(store) }
}

function recordsIn({
  states,
  controls,
  upstreams,
  runs,
  items,
}: Pick<Store, 'states' | 'controls' | 'upstreams' | 'runs' | 'items'>): RecordReader {
  const read = async <N, T>(
    names: readonly N[],
    nameOf: (name: N) => string,
    get: (name: N) => Promise<T | undefined>,
  ): Promise<ReadonlyMap<string, T>> => {
    const stored = await Promise.all(
      names.map(async (name) => ({ name: nameOf(name), record: await get(name) })),
    )
    return new Map(
      stored.flatMap(({ name, record }) => (record === undefined ? [] : [[name, record] as const])),
    )
  }
  const same = (name: string) => name
  return {
    getMany: async ({ jobs = [], upstreams: providers = [], runs: ids = [], items: keys = [] }) => ({
      states: await read(jobs, same, states.get),
      controls: await read(jobs, same, controls.get),
      upstreams: await read(providers, same, upstreams.get),
      runs: await read(
        ids,
        ({ name }) => name,
        ({ job, name }) => runs.get(job, name),
      ),
      items: await read(
        keys,
        ({ job }) => job,
        ({ job, name }) => items.get(job, name),
      ),
    }),
  }
}

function statesIn({ states, keyLeases, coldEnds }: Memory): Pick<Store, 'states'> {
  const state = (job: string): StoredState => states.get(job) ?? { fence: 0, consecutiveFailures: 0 }
  const nextFence = (job: string) => {
    const fence = state(job).fence + 1
    states.set(job, { ...state(job), fence })
    return { fence }
  }
  const leaseOf = (job: string, scope: LeaseScope) =>
    scope.kind === 'job' ? state(job).lease : keyLeases.get(at(job, scope.key))
  return {
    states: {
      get: async (job) => {
        const { skips: _skips, confirmedSince, freshUntil, invalidatedAt, ...stored } = state(job)
        return { ...stored, ...invalidationState({ freshUntil, invalidatedAt, confirmedSince }) }
      },
      acquire: async (job, scope, lease, now) => {
        const holder = leaseOf(job, scope)
        if (holder && holder.until > now && holder.owner !== lease.owner) return { leasedUntil: holder.until }
        if (scope.kind === 'key') keyLeases.set(at(job, scope.key), lease)
        if (scope.kind === 'key') return nextFence(job)
        const { statistics } = state(job)
        states.set(job, { ...state(job), lease })
        return { ...nextFence(job), ...(statistics ? { statistics } : {}) }
      },
      release: async (job, scope, owner, summary) => {
        if (leaseOf(job, scope)?.owner !== owner) return
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
        const stored = state(job).control
        if (stored === undefined || stored.revision < control.revision)
          states.set(job, { ...state(job), control })
      },
      getColdEnd: async (job, key) => coldEnds.get(at(job, key ?? '')),
      setColdEnd: async (job, key, end) => {
        coldEnds.set(at(job, key ?? ''), end)
      },
      setPurged: async (job, since) => {
        const { freshUntil: _gone, ...kept } = state(job)
        states.set(job, { ...kept, missingSince: since })
      },
      setInvalidated: async (job, at) => {
        states.set(job, { ...state(job), invalidatedAt: at })
      },
    },
  }
}

function withSummary(state: StoredState, summary: RunSummaryUpdate | undefined): StoredState {
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

function restIn(
  { rejected, audits, controls, triggers, upstreams, operatorRecords }: Memory,
  clock: Pick<Clock, 'now'>,
): Pick<
  OperatorStore,
  'rejected' | 'audits' | 'controls' | 'operatorClaims' | 'upstreams' | 'operatorRecords'
> {
  return {
    rejected: {
      get: async (job, key) => {
        const stored = rejected.get(at(job, key))
        return stored && stored.expiresAt > clock.now() ? stored : undefined
      },
      put: async (job, entry) => {
        rejected.set(at(job, entry.key), entry)
      },
      list: async (job) =>
        [...rejected].filter(([name]) => name.startsWith(`${job} `)).map(([, entry]) => entry),
      remove: async (job, key) => {
        rejected.delete(at(job, key))
      },
    },
    operatorRecords: {
      get: async (name) => operatorRecords.get(name),
      replace: async (name, to) => {
        const stored = operatorRecords.get(name)
        if ((stored?.revision ?? 0) === to.revision - 1) {
          operatorRecords.set(name, to)
          return { written: true }
        }
        return stored?.change === to.change ? { written: true } : { written: false, stored }
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
        const index = audits.findIndex(({ id }) => id === entry.id)
        audits.splice(index < 0 ? audits.length : index, index < 0 ? 0 : 1, entry)
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
