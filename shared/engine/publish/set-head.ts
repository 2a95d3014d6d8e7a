import { hashOf } from '#shared/domain/codec.ts'
import { defined } from '#shared/domain/defined.ts'
import {
  type FreshnessPolicy,
  type FreshnessTimes,
  freshnessTimes,
  isInvalidated,
} from '#shared/domain/freshness.ts'
import type { DataSource } from '#shared/domain/records/publication.ts'
import {
  isEntryDegraded,
  policyOf,
  SNAPSHOT_KEY,
  type SnapshotEntry,
  type SnapshotHead,
  versionOf,
} from '#shared/domain/records/snapshot.ts'
import type { SetSummary } from '../model/refresh.ts'
import { type LeasedRun, sourceName, type Work } from '../model/run-state.ts'
import type { SetInputs } from './set-entries.ts'

/** The head of a new set; a partial update keeps the times of the stored set. */
export function buildHead<V>(
  entries: readonly SnapshotEntry[],
  inputs: SetInputs<V>,
  summary: SetSummary | undefined,
  state: LeasedRun,
  work: Work<V>,
): Omit<SnapshotHead, 'pages'> {
  const { stored, isPart, now } = inputs
  const { job, refresh } = work
  const summaryText = summary && JSON.stringify(summary.head)
  const newestAsOf = Math.max(...entries.map((entry) => entry.asOf))
  const etags = entries.map((entry) => `${entry.key}\n${entry.etag}`)
  const times =
    isPart && stored ? partTimes(stored.head, newestAsOf) : wholeTimes(now, job.freshness, newestAsOf)
  return {
    key: SNAPSHOT_KEY,
    ...times,
    ...remainingInvalidation(entries, stored?.head),
    fence: state.fence,
    runId: state.record.id,
    etag: hashOf([...etags, ...(summaryText === undefined ? [] : [summaryText])].join('\n')),
    renderVersion: refresh.renderVersion,
    asOf: Math.min(...entries.map((entry) => entry.asOf)),
    degraded: entries.some((entry) => isEntryDegraded(entry, times)),
    source: providerOf(inputs, work),
    dataSource: dataSourceOf(inputs),
    count: entries.length,
    version: versionOf(state.fence),
    pagesUntil: now + 2 * job.freshness.keepForMs,
    ...defined({ summary: summaryText }),
  }
}

type HeadTimes = FreshnessTimes & Pick<SnapshotHead, 'fetchedAt' | 'ageLimit'>

function wholeTimes(now: number, policy: FreshnessPolicy, asOf: number): HeadTimes {
  return {
    ...freshnessTimes(now, policy, asOf),
    fetchedAt: now,
    ...defined({ ageLimit: ageLimitOf(policy) }),
  }
}

/** A part does not confirm the whole set; its newer source times may make it fresh again. */
function partTimes(head: SnapshotHead, asOf: number): HeadTimes {
  const { checkedAt, fetchedAt, ageLimit } = head
  const times = freshnessTimes(checkedAt, policyOf(head), asOf)
  return { ...times, fetchedAt, ...defined({ ageLimit }) }
}

/** An invalidation stays in force for entries that were not confirmed since. */
function remainingInvalidation(
  entries: readonly SnapshotEntry[],
  { invalidatedAt }: Pick<SnapshotHead, 'invalidatedAt'> = {},
): Pick<SnapshotHead, 'invalidatedAt'> {
  const isInForce = entries.some(({ checkedAt }) =>
    isInvalidated({ checkedAt, ...defined({ invalidatedAt }) }),
  )
  return isInForce ? defined({ invalidatedAt }) : {}
}

function ageLimitOf({ freshForMs, maxAsOfAgeMs }: FreshnessPolicy): SnapshotHead['ageLimit'] {
  return maxAsOfAgeMs === undefined ? undefined : { freshForMs, maxAsOfAgeMs }
}

/** The provider of a new set: that of its values, else that of the stored set. */
export function providerOf<V>({ members, stored }: SetInputs<V>, work: Work<V>): string {
  const value = members.find((member) => member.kind === 'value')
  return value?.upstream ?? stored?.head.source ?? sourceName(work)
}

function dataSourceOf<V>({ members, stored, isPart }: SetInputs<V>): DataSource {
  const sources = members.flatMap((member) => (member.kind === 'value' ? [member.dataSource] : []))
  if (stored && (sources.length === 0 || (isPart && stored.head.dataSource === 'simulated')))
    return stored.head.dataSource
  return sources.includes('simulated') ? 'simulated' : 'live'
}
