import { defined } from '#shared/domain/defined.ts'
import { DAY_MS } from '#shared/domain/duration.ts'
import type { FailReason } from '#shared/domain/errors.ts'
import type { ColdEnd, StateStore } from '#shared/domain/ports/store.ts'
import type {
  JobState,
  LeaseScope,
  PublicControl,
  RunSummaryUpdate,
  WatchState,
} from '#shared/domain/records/job-state.ts'
import { RELEASE_LEASE, readState, summaryUpdate, watchStateRecord } from './job-state-record.ts'
import { type AttributeInput, type Attributes, epochSeconds, Fields } from './table/attributes.ts'
import { coldEndKey, leaseKey, stateKey } from './table/keys.ts'
import type { Table } from './table/table.ts'
import { FORMAT, type TableReader } from './table/table-reader.ts'

/** The state of a job before its first run. */
export const noState: JobState = { fence: 0, consecutiveFailures: 0 }

/** The read-only part of {@link DynamoStates}, for the reads function. */
export function dynamoStateReader(table: TableReader): Pick<StateStore, 'get' | 'getColdEnd'> {
  return {
    async getColdEnd(job, keyOfJob) {
      const key = coldEndKey(job, keyOfJob)
      return table.decode(key, await table.get(key, true), readColdEnd)
    },

    async get(job) {
      const key = stateKey(job)
      return table.decode(key, await table.get(key, true), readState) ?? noState
    },
  }
}

interface Lease {
  readonly owner: string
  readonly until: number
}

/** Leases, fences and summaries in DynamoDB. Upholds I4: each fence has one owner. */
export class DynamoStates implements StateStore {
  readonly #table: Table
  readonly get: StateStore['get']
  readonly getColdEnd: StateStore['getColdEnd']

  constructor(table: Table) {
    this.#table = table
    const reader = dynamoStateReader(table)
    this.get = reader.get
    this.getColdEnd = reader.getColdEnd
  }

  acquire(job: string, scope: LeaseScope, lease: Lease, now: number): ReturnType<StateStore['acquire']> {
    return scope.kind === 'job'
      ? this.#acquireJob(job, lease, now)
      : this.#acquireKey(job, scope.key, lease, now)
  }

  async release(
    job: string,
    scope: LeaseScope,
    owner: string,
    summary: RunSummaryUpdate | undefined,
  ): Promise<void> {
    const isJob = scope.kind === 'job'
    const update = isJob && summary ? summaryUpdate(summary) : { expression: RELEASE_LEASE, values: {} }
    await this.#table.update(isJob ? stateKey(job) : leaseKey(job, scope.key), {
      expression: update.expression,
      condition: 'leaseOwner = :owner',
      values: { ...update.values, ':owner': owner },
    })
  }

  async countSkip(job: string): Promise<void> {
    await this.#updateState(job, 'SET v = :v ADD skips :one, fence :zero, consecutiveFailures :zero', {
      ':one': 1,
    })
  }

  async setMissingSince(job: string, since: number): Promise<void> {
    await this.#updateState(
      job,
      'SET v = :v, missingSince = if_not_exists(missingSince, :since) ADD fence :zero',
      { ':since': since },
    )
  }

  async setWatchState(job: string, watchState: WatchState): Promise<void> {
    await this.#updateState(job, 'SET v = :v, watchState = :watchState ADD fence :zero', {
      ':watchState': watchStateRecord(watchState),
    })
  }

  async setPublicControl(
    job: string,
    { revision, pausedUntil, intervalMs, itemCount, itemKeys: keys }: PublicControl,
  ): Promise<void> {
    const attributes = { pausedUntil, intervalMs, itemCount, itemKeys: keys && JSON.stringify(keys) }
    const present = defined(attributes)
    const absentNames = Object.keys(attributes).filter((name) => !(name in present))
    const set = Object.keys(present).map((name) => `, ${name} = :${name}`)
    const remove = absentNames.length === 0 ? '' : ` REMOVE ${absentNames.join(', ')}`
    await this.#updateState(
      job,
      `SET v = :v, controlRevision = :revision${set.join('')}${remove} ADD fence :zero`,
      {
        ':revision': revision,
        ...Object.fromEntries(Object.entries(present).map(([name, value]) => [`:${name}`, value])),
      },
      'attribute_not_exists(controlRevision) OR controlRevision < :revision',
    )
  }

  async setColdEnd(job: string, key: string | undefined, { runId, endedAt, cause }: ColdEnd): Promise<void> {
    const expiresAt = epochSeconds(endedAt + DAY_MS)
    await this.#table.put(coldEndKey(job, key), { runId, endedAt, expiresAt, ...defined({ cause }) })
  }

  async setPurged(job: string, since: number): Promise<void> {
    await this.#updateState(job, 'SET v = :v, missingSince = :since REMOVE freshUntil ADD fence :zero', {
      ':since': since,
    })
  }

  async setInvalidated(job: string, at: number): Promise<void> {
    await this.#updateState(job, 'SET v = :v, invalidatedAt = :at ADD fence :zero', { ':at': at })
  }

  /** `ADD fence :zero` creates the counter, so that the record can be decoded. */
  async #updateState(
    job: string,
    expression: string,
    values: Readonly<Record<string, AttributeInput>>,
    condition?: string,
  ): Promise<void> {
    await this.#table.update(stateKey(job), {
      expression,
      values: { ':v': FORMAT, ':zero': 0, ...values },
      ...defined({ condition }),
    })
  }

  async #acquireJob(job: string, { owner, until }: Lease, now: number): ReturnType<StateStore['acquire']> {
    const result = await this.#table.update(stateKey(job), {
      expression: 'SET v = :v, leaseOwner = :owner, leaseUntil = :until ADD fence :one',
      condition: 'attribute_not_exists(leaseUntil) OR leaseUntil <= :now',
      values: { ':v': FORMAT, ':owner': owner, ':until': until, ':one': 1, ':now': now },
    })
    if (result.done) return this.#fenceAndStatistics(job, result.attributes)
    const stored = new Fields(result.stored ?? {})
    // A retry after a lost response meets its own lease.
    if (stored.optionalText('leaseOwner') === owner)
      return this.#fenceAndStatistics(job, await this.#nextFence(job))
    return { leasedUntil: stored.optionalNumber('leaseUntil') ?? now }
  }

  async #acquireKey(
    job: string,
    key: string,
    { owner, until }: Lease,
    now: number,
  ): ReturnType<StateStore['acquire']> {
    const result = await this.#table.update(leaseKey(job, key), {
      expression: 'SET v = :v, leaseOwner = :owner, leaseUntil = :until, expiresAt = :expiresAt',
      condition: 'attribute_not_exists(leaseUntil) OR leaseUntil <= :now',
      values: {
        ':v': FORMAT,
        ':owner': owner,
        ':until': until,
        ':expiresAt': epochSeconds(until + DAY_MS),
        ':now': now,
      },
    })
    const stored = result.done ? undefined : new Fields(result.stored ?? {})
    if (stored && stored.optionalText('leaseOwner') !== owner)
      return { leasedUntil: stored.optionalNumber('leaseUntil') ?? now }
    return { fence: fenceOf(await this.#nextFence(job)) }
  }

  /** The state after adding 1 to its fence; no two callers get the same one. */
  async #nextFence(job: string): Promise<Attributes> {
    const result = await this.#table.update(stateKey(job), {
      expression: 'SET v = :v ADD fence :one',
      values: { ':v': FORMAT, ':one': 1 },
    })
    if (!result.done) throw new Error('expected an update without a condition to succeed')
    return result.attributes
  }

  /** Statistics that cannot be decoded start again from none; the run goes on. */
  #fenceAndStatistics(job: string, attributes: Attributes) {
    const statistics = this.#table.decode(stateKey(job), attributes, readState)?.statistics
    return { fence: fenceOf(attributes), ...defined({ statistics }) }
  }
}

function fenceOf(attributes: Attributes): number {
  return new Fields(attributes).number('fence')
}

function readColdEnd(attributes: Attributes): ColdEnd {
  const fields = new Fields(attributes)
  const cause = fields.optionalText('cause') as FailReason | undefined
  return { runId: fields.text('runId'), endedAt: fields.number('endedAt'), ...defined({ cause }) }
}
