import type { ColdEnd } from '#shared/domain/ports/store.ts'
import type { AuditEntry } from '#shared/domain/records/audit-entry.ts'
import type { Claim } from '#shared/domain/records/claim.ts'
import type { Control } from '#shared/domain/records/control.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'
import type { OperatorRecord } from '#shared/domain/records/operator-record.ts'
import type { HistoryRow, Item } from '#shared/domain/records/publication.ts'
import type { RejectedRecord } from '#shared/domain/records/rejected.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { SnapshotEntry, SnapshotHead } from '#shared/domain/records/snapshot.ts'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'

/** A job's state with what only the store reads of it. */
export type StoredState = JobState & { readonly skips?: number; readonly confirmedSince?: number }

/** What the in-memory store holds, open to tests. Keys join job and key by a space. */
export interface Memory {
  readonly items: Map<string, Item>
  readonly keys: Map<string, ReadonlySet<string>>
  /** Fences of purged items and sets. */
  readonly tombstones: Map<string, number>
  readonly keyChanges: Map<
    string,
    { readonly changes: number; readonly purging?: number; readonly purgedFence?: number }
  >
  readonly heads: Map<string, SnapshotHead>
  readonly pages: Map<string, readonly SnapshotEntry[]>
  readonly history: Map<string, HistoryRow>
  readonly parts: Map<string, { readonly text: string; readonly expiresAt: number }>
  readonly submissions: Map<string, Claim>
  readonly rejected: Map<string, RejectedRecord>
  readonly runs: Map<string, RunRecord>
  readonly states: Map<string, StoredState>
  readonly coldEnds: Map<string, ColdEnd>
  readonly keyLeases: Map<string, { owner: string; until: number }>
  readonly controls: Map<string, Control>
  readonly operatorRecords: Map<string, OperatorRecord>
  readonly triggers: Map<string, Claim>
  readonly audits: AuditEntry[]
  readonly upstreams: Map<string, UpstreamState>
}

export const at = (job: string, key: string) => `${job} ${key}`
