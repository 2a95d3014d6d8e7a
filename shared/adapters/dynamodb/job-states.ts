import { defined } from '#shared/domain/defined.ts'
import { DAY_MS } from '#shared/domain/duration.ts'
import type { StateStore } from '#shared/domain/ports/store.ts'
import type { LeaseScope, RunSummaryUpdate } from '#shared/domain/records/job-state.ts'
import { RELEASE_LEASE, readState, summaryUpdate, watchStateRecord } from './job-state-record.ts'
import { type Attributes, epochSeconds, Fields } from './table/attributes.ts'
import { leaseKey, stateKey } from './table/keys.ts'
import type { Table } from './table/table.ts'
import { FORMAT, type TableReader } from './table/table-reader.ts'

/** The part of {@link dynamoStates} that reads need. */
export function dynamoStateReader(table: TableReader): Pick<StateStore, 'get'> {
  return {
    async get(job) {
      const key = stateKey(job)
      return table.decode(key, await table.get(key, true), readState) ?? { fence: 0, consecutiveFailures: 0 }
    },
  }
}

/** Leases, fences and summaries in DynamoDB. */
export function dynamoStates(table: Table): StateStore {
  /** The state with the next fence in it; no two callers ever get the same. */
  const nextFence = async (job: string): Promise<Attributes> => {
    const counted = await table.update(stateKey(job), {
      expression: 'SET v = :v ADD fence :one',
      values: { ':v': FORMAT, ':one': 1 },
    })
    if (!counted.done) throw new Error('an update without condition was refused')
    return counted.attributes
  }

  /** Figures that cannot be read count as none: they begin anew, and the run goes on. */
  const leased = (job: string, attributes: Attributes) => ({
    fence: fenceOf(attributes),
    ...defined({ statistics: table.decode(stateKey(job), attributes, readState)?.statistics }),
  })

  const acquireJob: StateStore['acquire'] = async (job, _scope, { owner, until }, now) => {
    const taken = await table.update(stateKey(job), {
      expression: 'SET v = :v, leaseOwner = :owner, leaseUntil = :until ADD fence :one',
      condition: 'attribute_not_exists(leaseUntil) OR leaseUntil <= :now',
      values: { ':v': FORMAT, ':owner': owner, ':until': until, ':one': 1, ':now': now },
    })
    if (taken.done) return leased(job, taken.attributes)
    const held = new Fields(taken.stored ?? {})
    if (held.optionalText('leaseOwner') === owner) return leased(job, await nextFence(job))
    return { leasedUntil: held.optionalNumber('leaseUntil') ?? now }
  }

  const acquireKey = async (
    job: string,
    key: string,
    { owner, until }: { owner: string; until: number },
    now: number,
  ) => {
    const taken = await table.update(leaseKey(job, key), {
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
    const held = taken.done ? undefined : new Fields(taken.stored ?? {})
    if (held && held.optionalText('leaseOwner') !== owner)
      return { leasedUntil: held.optionalNumber('leaseUntil') ?? now }
    return { fence: fenceOf(await nextFence(job)) }
  }

  return {
    ...dynamoStateReader(table),

    acquire: (job, scope, lease, now) =>
      scope.kind === 'job' ? acquireJob(job, scope, lease, now) : acquireKey(job, scope.key, lease, now),

    async release(job, scope, owner, summary) {
      await table.update(leaseRecordKey(job, scope), {
        ...(scope.kind === 'job' && summary
          ? summaryUpdate(summary)
          : { expression: RELEASE_LEASE, values: {} }),
        condition: 'leaseOwner = :owner',
        ...ownerValues(scope.kind === 'job' ? summary : undefined, owner),
      })
    },

    async countSkip(job) {
      await table.update(stateKey(job), {
        expression: 'SET v = :v ADD skips :one, fence :zero, consecutiveFailures :zero',
        values: { ':v': FORMAT, ':one': 1, ':zero': 0 },
      })
    },

    async setMissingSince(job, since) {
      await table.update(stateKey(job), {
        expression: 'SET v = :v, missingSince = if_not_exists(missingSince, :since) ADD fence :zero',
        values: { ':v': FORMAT, ':since': since, ':zero': 0 },
      })
    },

    async setWatchState(job, watchState) {
      await table.update(stateKey(job), {
        expression: 'SET v = :v, watchState = :watchState ADD fence :zero',
        values: { ':v': FORMAT, ':watchState': watchStateRecord(watchState), ':zero': 0 },
      })
    },

    async setPublicControl(job, { revision, pausedUntil, intervalMs, itemCount, itemKeys: keys }) {
      const itemKeys = keys && JSON.stringify(keys)
      const attributes = { pausedUntil, intervalMs, itemCount, itemKeys }
      const held = Object.entries(defined(attributes))
      const gone = Object.keys(attributes).filter((name) => !held.some(([one]) => one === name))
      const set = held.map(([name]) => `, ${name} = :${name}`).join('')
      const removed = gone.length === 0 ? '' : ` REMOVE ${gone.join(', ')}`
      await table.update(stateKey(job), {
        expression: `SET v = :v, controlRevision = :revision${set}${removed} ADD fence :zero`,
        condition: 'attribute_not_exists(controlRevision) OR controlRevision < :revision',
        values: {
          ':v': FORMAT,
          ':revision': revision,
          ':zero': 0,
          ...Object.fromEntries(held.map(([name, value]) => [`:${name}`, value])),
        },
      })
    },

    async setPurged(job, since) {
      await table.update(stateKey(job), {
        expression: 'SET v = :v, missingSince = :since REMOVE freshUntil ADD fence :zero',
        values: { ':v': FORMAT, ':since': since, ':zero': 0 },
      })
    },
  }
}

function fenceOf(attributes: Attributes): number {
  return new Fields(attributes).number('fence')
}

function leaseRecordKey(job: string, scope: LeaseScope) {
  return scope.kind === 'job' ? stateKey(job) : leaseKey(job, scope.key)
}

function ownerValues(summary: RunSummaryUpdate | undefined, owner: string) {
  return { values: { ...(summary ? summaryUpdate(summary).values : {}), ':owner': owner } }
}
