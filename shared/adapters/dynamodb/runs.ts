import { defined } from '#shared/domain/defined.ts'
import type { FailReason } from '#shared/domain/errors.ts'
import type { Counts, SkipReason } from '#shared/domain/outcome.ts'
import type { RunStore } from '#shared/domain/ports/store.ts'
import type {
  Cause,
  LostNames,
  RunProgress,
  RunRecord,
  TaskProgress,
} from '#shared/domain/records/run-record.ts'
import { type AttributeInput, type Attributes, epochSeconds, Fields } from './table/attributes.ts'
import { runKey, runRanges, runsOf } from './table/keys.ts'
import type { Table } from './table/table.ts'
import type { TableReader } from './table/table-reader.ts'

/** The read-only part of {@link DynamoRuns}, for the reads function. */
export function dynamoRunReader(table: TableReader): Pick<RunStore, 'get'> {
  return {
    async get(job, id) {
      const key = runKey(job, id)
      return table.decode(key, await table.get(key, true), readRun)
    },
  }
}

/** Run records in DynamoDB. */
export class DynamoRuns implements RunStore {
  readonly #table: Table
  readonly get: RunStore['get']

  constructor(table: Table) {
    this.#table = table
    this.get = dynamoRunReader(table).get
  }

  async open(record: RunRecord): ReturnType<RunStore['open']> {
    const key = runKey(record.job, record.id)
    const { counts: _none, lost: _nothing, progress: _nowhere, task, ...rest } = record
    const result = await this.#table.put(
      key,
      { ...rest, ...task, expiresAt: epochSeconds(record.expiresAt) },
      { condition: 'attribute_not_exists(pk)' },
    )
    if (result.done) return { opened: true }
    const stored = this.#table.decode(key, result.stored, readRun)
    if (!stored) throw new Error(`the run ${record.id} is stored in a format that cannot be read`)
    return stored.owner === record.owner ? { opened: true } : { opened: false, stored }
  }

  async countDuplicate(job: string, id: string, owner: string): Promise<void> {
    await this.#table.update(runKey(job, id), {
      expression: 'ADD duplicates :one, counted :owners',
      condition: 'attribute_not_exists(counted) OR NOT contains(counted, :owner)',
      values: { ':one': 1, ':owners': new Set([owner]), ':owner': owner },
    })
  }

  async takeOver(record: RunRecord, from: { readonly owner: string }): Promise<boolean> {
    const result = await this.#table.update(runKey(record.job, record.id), {
      expression:
        'SET #owner = :owner, startedAt = :startedAt, leaseUntil = :leaseUntil ADD duplicates :one REMOVE progressPlanned, progressDone, progressFailed',
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
    return result.done || textOf(result.stored, 'owner') === record.owner
  }

  async close(
    record: RunRecord,
    { unlessFinishing = false }: { readonly unlessFinishing?: boolean } = {},
  ): Promise<boolean> {
    const { status, endedAt, reason, message, attempts, fence, task } = record
    const counts = record.counts && { ...record.counts }
    const lost = record.lost && JSON.stringify(record.lost)
    const result = await this.#setWhileRunning(
      record,
      defined({
        ...{ status, endedAt, reason, message, counts, lost, attempts, fence },
        ...{ pages: task?.pages, retryAt: task?.retryAt },
      }),
      unlessFinishing ? ' AND attribute_not_exists(publishingAt)' : '',
    )
    if (result.done) return true
    // A retry after a lost response meets its own write.
    const { stored } = result
    return (
      textOf(stored, 'owner') === record.owner &&
      textOf(stored, 'status') === status &&
      textOf(stored, 'reason') === reason
    )
  }

  async advance(record: RunRecord): Promise<boolean> {
    const { waitingAt, plannedAt, chunks, publishingAt } = record.task ?? {}
    const progressPlanned = record.progress?.planned
    const progress = defined({
      ...{ waitingAt, plannedAt, chunks, publishingAt, fence: record.fence },
      progressPlanned,
    })
    return (await this.#setWhileRunning(record, progress)).done
  }

  async addProgress(
    { job, id, owner }: Pick<RunRecord, 'job' | 'id' | 'owner'>,
    { planned, done, failed }: RunProgress,
  ): Promise<void> {
    await this.#table.update(runKey(job, id), {
      expression: 'ADD progressPlanned :planned, progressDone :done, progressFailed :failed',
      condition: '#status = :running AND #owner = :owner',
      names: { '#owner': 'owner', '#status': 'status' },
      values: {
        ':planned': planned,
        ':done': done,
        ':failed': failed,
        ':running': 'running',
        ':owner': owner,
      },
    })
  }

  async list(
    job: string,
    { from, to, limit }: { readonly from: number; readonly to: number; readonly limit?: number },
  ): Promise<readonly RunRecord[]> {
    const options = { newestFirst: true, ...defined({ limit }) }
    const pages = await Promise.all(
      runRanges(from, to).map((range) => this.#table.list(runsOf(job), range, readRun, options)),
    )
    return pages
      .flat()
      .sort((a, b) => (b.tick ?? b.startedAt) - (a.tick ?? a.startedAt))
      .slice(0, limit)
  }

  /** Sets attributes of a record that is running and belongs to the same owner. */
  #setWhileRunning(
    { job, id, owner }: RunRecord,
    attributes: Readonly<Record<string, AttributeInput>>,
    condition = '',
  ) {
    const names = Object.keys(attributes)
    return this.#table.update(runKey(job, id), {
      expression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
      condition: `#status = :running AND #owner = :owner${condition}`,
      names: Object.fromEntries(['owner', 'status', ...names].map((name) => [`#${name}`, name])),
      values: {
        ':running': 'running',
        ':owner': owner,
        ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`:${name}`, value])),
      },
    })
  }
}

function textOf(attributes: Attributes | undefined, name: string): string | undefined {
  return attributes?.[name]?.S
}

/** @throws {TypeError | SyntaxError} for a record that cannot be decoded */
export function readRun(attributes: Attributes): RunRecord {
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
      lost: fields.optionalJson<LostNames>('lost'),
      progress: readProgress(fields),
      task: readTask(fields),
    }),
  }
}

/** The progress of a run that has ended is its counts. */
function readProgress(fields: Fields): RunProgress | undefined {
  const planned = fields.optionalNumber('progressPlanned')
  if (planned === undefined || fields.text('status') !== 'running') return undefined
  const done = Math.min(fields.optionalNumber('progressDone') ?? 0, planned)
  return { planned, done, failed: Math.min(fields.optionalNumber('progressFailed') ?? 0, done) }
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
      retryAt: fields.optionalNumber('retryAt'),
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
