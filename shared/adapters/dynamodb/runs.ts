import { defined } from '#shared/domain/defined.ts'
import type { FailReason } from '#shared/domain/errors.ts'
import type { Counts, SkipReason } from '#shared/domain/outcome.ts'
import type { RunStore } from '#shared/domain/ports/store.ts'
import type { Cause, RunRecord, TaskProgress } from '#shared/domain/records/run-record.ts'
import { type Attributes, epochSeconds, Fields } from './table/attributes.ts'
import { runKey, runRanges, runsOf } from './table/keys.ts'
import type { Table } from './table/table.ts'
import type { TableReader } from './table/table-reader.ts'

/** The part of {@link dynamoRuns} that reads need. */
export function dynamoRunReader(table: TableReader): Pick<RunStore, 'get'> {
  return {
    async get(job, id) {
      const key = runKey(job, id)
      return table.decode(key, await table.get(key, true), readRun)
    },
  }
}

/** Run records in DynamoDB. */
export function dynamoRuns(table: Table): RunStore {
  return {
    ...dynamoRunReader(table),

    async open(record) {
      const key = runKey(record.job, record.id)
      const { counts: _none, task, ...rest } = record
      const written = await table.put(
        key,
        { ...rest, ...task, expiresAt: epochSeconds(record.expiresAt) },
        { condition: 'attribute_not_exists(pk)' },
      )
      if (written.done) return { opened: true }
      const stored = table.decode(key, written.stored, readRun)
      if (!stored) throw new Error(`the run ${record.id} is stored in a format that cannot be read`)
      return stored.owner === record.owner ? { opened: true } : { opened: false, stored }
    },

    async countDuplicate(job, id, owner) {
      await table.update(runKey(job, id), {
        expression: 'ADD duplicates :one, counted :owners',
        condition: 'attribute_not_exists(counted) OR NOT contains(counted, :owner)',
        values: { ':one': 1, ':owners': new Set([owner]), ':owner': owner },
      })
    },

    async takeOver(record, from) {
      const written = await table.update(runKey(record.job, record.id), {
        expression:
          'SET #owner = :owner, startedAt = :startedAt, leaseUntil = :leaseUntil ADD duplicates :one',
        condition: '#status = :running AND #owner = :from',
        names: { '#owner': 'owner', '#status': 'status' },
        values: {
          ':owner': record.owner,
          ':startedAt': record.startedAt,
          ':leaseUntil': record.leaseUntil,
          ':one': 1,
          ':running': 'running',
          ':from': from.owner,
        },
      })
      return written.done || ownerOf(written.stored) === record.owner
    },

    async close(record, { unlessFinishing = false } = {}) {
      const ending = defined({
        status: record.status,
        endedAt: record.endedAt,
        reason: record.reason,
        message: record.message,
        counts: record.counts,
        attempts: record.attempts,
        fence: record.fence,
        pages: record.task?.pages,
      })
      const names = Object.keys(ending)
      const written = await table.update(runKey(record.job, record.id), {
        expression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
        condition: `#status = :running AND #owner = :owner${unlessFinishing ? ' AND attribute_not_exists(publishingAt)' : ''}`,
        names: { '#owner': 'owner', ...Object.fromEntries(names.map((name) => [`#${name}`, name])) },
        values: {
          ':running': 'running',
          ':owner': record.owner,
          ...Object.fromEntries(Object.entries(ending).map(([name, value]) => [`:${name}`, value as string])),
        },
      })
      return (
        written.done ||
        (ownerOf(written.stored) === record.owner &&
          statusOf(written.stored) === record.status &&
          written.stored?.['reason']?.S === record.reason)
      )
    },

    async advance(record) {
      const { waitingAt, plannedAt, chunks, publishingAt } = record.task ?? {}
      const reached = defined({ waitingAt, plannedAt, chunks, publishingAt, fence: record.fence })
      const names = Object.keys(reached)
      const written = await table.update(runKey(record.job, record.id), {
        expression: `SET ${names.map((name) => `${name} = :${name}`).join(', ')}`,
        condition: '#status = :running AND #owner = :owner',
        names: { '#owner': 'owner', '#status': 'status' },
        values: {
          ':running': 'running',
          ':owner': record.owner,
          ...Object.fromEntries(Object.entries(reached).map(([name, value]) => [`:${name}`, value])),
        },
      })
      return written.done
    },

    async list(job, { from, to, limit }) {
      const pages = await Promise.all(
        runRanges(from, to).map((range) =>
          table.query(runsOf(job), range, { newestFirst: true, ...defined({ limit }) }),
        ),
      )
      return pages
        .flat()
        .map((attributes) =>
          table.decode({ pk: runsOf(job), sk: attributes['sk']?.S ?? '' }, attributes, readRun),
        )
        .filter((record) => record !== undefined)
        .sort((a, b) => (b.tick ?? b.startedAt) - (a.tick ?? a.startedAt))
        .slice(0, limit)
    },
  }
}

function ownerOf(attributes: Attributes | undefined): string | undefined {
  return attributes?.['owner']?.S
}

function statusOf(attributes: Attributes | undefined): string | undefined {
  return attributes?.['status']?.S
}

function readRun(attributes: Attributes): RunRecord {
  const fields = new Fields(attributes)
  const counts = fields.optionalRecord('counts')
  return {
    id: fields.text('id'),
    job: fields.text('job'),
    cause: fields.text('cause') as Cause,
    status: fields.text('status') as RunRecord['status'],
    owner: fields.text('owner'),
    startedAt: fields.number('startedAt'),
    leaseUntil: fields.number('leaseUntil'),
    duplicates: fields.number('duplicates'),
    expiresAt: fields.number('expiresAt') * 1_000,
    ...defined({
      tick: fields.optionalNumber('tick'),
      key: fields.optionalText('key'),
      input: fields.optionalText('input'),
      endedAt: fields.optionalNumber('endedAt'),
      reason: fields.optionalText('reason') as FailReason | SkipReason | undefined,
      message: fields.optionalText('message'),
      attempts: fields.optionalNumber('attempts'),
      fence: fields.optionalNumber('fence'),
      counts: counts && readCounts(counts),
      task: readTask(fields),
    }),
  }
}

function readTask(fields: Fields): TaskProgress | undefined {
  const deadlineAt = fields.optionalNumber('deadlineAt')
  if (deadlineAt === undefined) return undefined
  return {
    params: fields.text('params'),
    deadlineAt,
    ...defined({
      waitingAt: fields.optionalNumber('waitingAt'),
      plannedAt: fields.optionalNumber('plannedAt'),
      chunks: fields.optionalNumber('chunks'),
      publishingAt: fields.optionalNumber('publishingAt'),
      pages: fields.optionalNumber('pages'),
    }),
  }
}

function readCounts(fields: Fields): Counts {
  return {
    planned: fields.number('planned'),
    published: fields.number('published'),
    unchanged: fields.number('unchanged'),
    superseded: fields.number('superseded'),
    failed: fields.number('failed'),
  }
}
