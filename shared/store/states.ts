import type { OutcomeStatus } from '../engine/outcome.ts'
import type { JobState, LeaseScope, Summary } from '../ports/records.ts'
import type { StateStore } from '../ports/store.ts'
import { type Attributes, defined, Fields, type Plain, seconds } from './attributes.ts'
import { leaseKey, stateKey } from './keys.ts'
import type { Table } from './table.ts'
import { FORMAT, type TableReader } from './table-reader.ts'

const DAY_MS = 86_400_000

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
  /** The next fence; no two callers ever get the same. */
  const nextFence = async (job: string): Promise<number> => {
    const counted = await table.update(stateKey(job), {
      expression: 'SET v = :v ADD fence :one',
      values: { ':v': FORMAT, ':one': 1 },
    })
    if (!counted.done) throw new Error('an update without condition was refused')
    return new Fields(counted.attributes).number('fence')
  }

  const acquireJob: StateStore['acquire'] = async (job, _scope, { owner, until }, now) => {
    const taken = await table.update(stateKey(job), {
      expression: 'SET v = :v, leaseOwner = :owner, leaseUntil = :until ADD fence :one',
      condition: 'attribute_not_exists(leaseUntil) OR leaseUntil <= :now',
      values: { ':v': FORMAT, ':owner': owner, ':until': until, ':one': 1, ':now': now },
    })
    if (taken.done) return { fence: new Fields(taken.attributes).number('fence') }
    const held = new Fields(taken.stored ?? {})
    if (held.optionalText('leaseOwner') === owner) return { fence: await nextFence(job) }
    return { heldUntil: held.optionalNumber('leaseUntil') ?? now }
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
        ':expiresAt': seconds(until + DAY_MS),
        ':now': now,
      },
    })
    const held = taken.done ? undefined : new Fields(taken.stored ?? {})
    if (held && held.optionalText('leaseOwner') !== owner)
      return { heldUntil: held.optionalNumber('leaseUntil') ?? now }
    return { fence: await nextFence(job) }
  }

  return {
    ...dynamoStateReader(table),

    acquire: (job, scope, lease, now) =>
      scope.kind === 'job' ? acquireJob(job, scope, lease, now) : acquireKey(job, scope.key, lease, now),

    async release(job, scope, owner, summary) {
      await table.update(leaseAt(job, scope), {
        ...(scope.kind === 'job' && summary ? summaryUpdate(summary) : { expression: GIVE_BACK, values: {} }),
        condition: 'leaseOwner = :owner',
        ...withOwner(scope.kind === 'job' ? summary : undefined, owner),
      })
    },

    async countSkip(job) {
      await table.update(stateKey(job), {
        expression: 'SET v = :v ADD skips :one, fence :zero, consecutiveFailures :zero',
        values: { ':v': FORMAT, ':one': 1, ':zero': 0 },
      })
    },

    async noteMissing(job, since) {
      await table.update(stateKey(job), {
        expression: 'SET v = :v, missingSince = if_not_exists(missingSince, :since) ADD fence :zero',
        values: { ':v': FORMAT, ':since': since, ':zero': 0 },
      })
    },

    async noteWatched(job, watched) {
      await table.update(stateKey(job), {
        expression: 'SET v = :v, watched = :watched ADD fence :zero',
        values: { ':v': FORMAT, ':watched': { ...watched }, ':zero': 0 },
      })
    },
  }
}

const GIVE_BACK = 'REMOVE leaseOwner, leaseUntil'

function leaseAt(job: string, scope: LeaseScope) {
  return scope.kind === 'job' ? stateKey(job) : leaseKey(job, scope.key)
}

function withOwner(summary: Summary | undefined, owner: string) {
  return { values: { ...(summary ? summaryUpdate(summary).values : {}), ':owner': owner } }
}

/** Replaces what the summary says; data once published are no longer missing. */
function summaryUpdate(summary: Summary): { expression: string; values: { [name: string]: Plain } } {
  const { lastRun, lastTick, lastSuccessAt, freshUntil, health } = summary
  const set = defined({ lastRun: defined({ ...lastRun }), lastTick, lastSuccessAt, freshUntil })
  const sets = Object.keys(set).map((name) => `${name} = :${name}`)
  const values: { [name: string]: Plain } = {}
  for (const [name, value] of Object.entries(set)) values[`:${name}`] = value as Plain
  if (health === 'success') {
    sets.push('consecutiveFailures = :zero')
    values[':zero'] = 0
  }
  const removed = freshUntil === undefined ? GIVE_BACK : `${GIVE_BACK}, missingSince`
  const added = health === 'failure' ? ' ADD consecutiveFailures :one' : ''
  if (health === 'failure') values[':one'] = 1
  return { expression: `SET ${sets.join(', ')} ${removed}${added}`, values }
}

function readState(attributes: Attributes): JobState {
  const fields = new Fields(attributes)
  const owner = fields.optionalText('leaseOwner')
  const until = fields.optionalNumber('leaseUntil')
  const lastRun = fields.optionalRecord('lastRun')
  const watched = fields.optionalRecord('watched')
  return {
    fence: fields.optionalNumber('fence') ?? 0,
    consecutiveFailures: fields.optionalNumber('consecutiveFailures') ?? 0,
    ...defined({
      lease: owner === undefined || until === undefined ? undefined : { owner, until },
      lastTick: fields.optionalNumber('lastTick'),
      lastSuccessAt: fields.optionalNumber('lastSuccessAt'),
      freshUntil: fields.optionalNumber('freshUntil'),
      missingSince: fields.optionalNumber('missingSince'),
      lastRun: lastRun && readLastRun(lastRun),
      watched: watched && { until: watched.number('until'), schedule: watched.text('schedule') },
    }),
  }
}

function readLastRun(fields: Fields): NonNullable<JobState['lastRun']> {
  return {
    id: fields.text('id'),
    status: fields.text('status') as OutcomeStatus,
    endedAt: fields.number('endedAt'),
    ...defined({ reason: fields.optionalText('reason') }),
  }
}
