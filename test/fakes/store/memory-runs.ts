import { isJson, type JsonValue } from '#shared/domain/json.ts'
import type { ClaimStore, Store, SubmissionStore } from '#shared/domain/ports/store.ts'
import type { Claim } from '#shared/domain/records/claim.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import { at, type Memory } from './memory.ts'

export function runsIn({ runs }: Memory): Pick<Store, 'runs'> {
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
        const { progress: _progress, ...kept } = stored
        runs.set(at(record.job, record.id), { ...kept, owner, startedAt, leaseUntil, duplicates })
        return true
      },
      close: async (record, { unlessFinishing = false } = {}) => {
        const stored = runs.get(at(record.job, record.id))
        if (stored?.owner !== record.owner) return false
        if (stored.status !== 'running')
          return stored.status === record.status && stored.reason === record.reason
        if (unlessFinishing && stored.task?.publishingAt !== undefined) return false
        const task = stored.task && { task: { ...stored.task, ...record.task } }
        const { progress: _progress, ...ended } = record
        runs.set(at(record.job, record.id), { ...ended, ...task, duplicates: stored.duplicates })
        return true
      },
      advance: async (record) => {
        const stored = runs.get(at(record.job, record.id))
        if (stored?.owner !== record.owner || stored.status !== 'running' || !record.task) return false
        const fence = record.fence === undefined ? {} : { fence: record.fence }
        const progress = record.progress && {
          progress: { done: 0, failed: 0, ...stored.progress, planned: record.progress.planned },
        }
        runs.set(at(record.job, record.id), {
          ...stored,
          ...fence,
          ...progress,
          task: { ...stored.task, ...record.task },
        })
        return true
      },
      addProgress: async ({ job, id, owner }, { planned, done, failed }) => {
        const stored = runs.get(at(job, id))
        if (stored?.owner !== owner || stored.status !== 'running') return
        const before = stored.progress ?? { planned: 0, done: 0, failed: 0 }
        const total = before.planned + planned
        const ended = Math.min(before.done + done, total)
        const progress = { planned: total, done: ended, failed: Math.min(before.failed + failed, ended) }
        runs.set(at(job, id), { ...stored, progress })
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

export function keyedIn(all: Map<string, Claim>): ClaimStore {
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

export function tasksIn({
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
        return part && part.expiresAt > now && isJson(part.text)
          ? (JSON.parse(part.text) as JsonValue)
          : undefined
      },
    },
  }
}
