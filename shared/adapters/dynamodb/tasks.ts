import { compress, decompress, expectChecksum, hashOf } from '#shared/domain/codec.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import type { ClaimStore, TaskStore } from '#shared/domain/ports/store.ts'
import type { Claim } from '#shared/domain/records/claim.ts'
import { type Attributes, epochSeconds, Fields, MAX_BODY_BYTES } from './table/attributes.ts'
import { operatorClaimKey, submissionClaimKey, type TableKey, taskKey } from './table/keys.ts'
import type { Table } from './table/table.ts'
import type { TableReader } from './table/table-reader.ts'

interface Piece {
  readonly body: Uint8Array
  /** Number of records of the value. */
  readonly pieces: number
  readonly expiresAt: number
}

/** The read-only part of {@link dynamoTasks}, for the reads function. */
export function dynamoTaskReader(table: TableReader): Pick<TaskStore, 'get'> {
  const piece = async (job: string, run: string, name: string) => {
    const key = taskKey(job, run, name)
    return table.decode(key, await table.get(key, true), readPiece)
  }
  return {
    async get(job, run, name, now) {
      const first = await piece(job, run, name)
      if (!first || first.expiresAt <= now) return undefined
      const further = Array.from({ length: first.pieces - 1 }, (_, index) =>
        piece(job, run, pieceName(name, index + 1)),
      )
      const bodies = [first, ...(await Promise.all(further))].map((stored) => stored?.body)
      if (bodies.includes(undefined)) return undefined
      const whole = Buffer.concat(bodies.filter((body) => body !== undefined))
      try {
        return JSON.parse(decompress(whole).toString('utf8')) as JsonValue
      } catch (error) {
        table.reportUnreadable(taskKey(job, run, name), String(error))
        return undefined
      }
    },
  }
}

/** Values of tasks in DynamoDB: compressed, and split into pieces if larger than a record. */
export function dynamoTasks(table: Table): TaskStore {
  return {
    ...dynamoTaskReader(table),

    async put(job, run, name, value, expiresAt) {
      const whole = compress(JSON.stringify(value))
      const pieces = Math.ceil(whole.length / MAX_BODY_BYTES)
      // The first piece is written last, so that its presence proves that all are stored.
      for (let index = pieces - 1; index >= 0; index -= 1) {
        const body = whole.subarray(index * MAX_BODY_BYTES, (index + 1) * MAX_BODY_BYTES)
        const key = taskKey(job, run, pieceName(name, index))
        await table.put(key, {
          body,
          pieces,
          checksum: hashOf(body),
          expiresAt: epochSeconds(expiresAt),
        })
      }
    },
  }
}

function pieceName(name: string, index: number): string {
  return index === 0 ? name : `${name}~${index}`
}

/** More pieces than any value has: a task's result has megabytes. */
const MAX_PIECES = 1_000

function readPiece(attributes: Attributes): Piece {
  const fields = new Fields(attributes)
  const body = fields.bytes('body')
  const checksum = fields.optionalText('checksum')
  if (checksum !== undefined) expectChecksum(body, checksum)
  const pieces = fields.number('pieces')
  if (!Number.isInteger(pieces) || pieces < 1 || pieces > MAX_PIECES)
    throw new TypeError(`expected 1 to ${MAX_PIECES} pieces, got ${pieces}`)
  return {
    body,
    pieces,
    expiresAt: fields.number('expiresAt') * 1_000,
  }
}

/** Claims of operators' idempotency keys in DynamoDB. */
export function dynamoOperatorClaims(table: Table): ClaimStore {
  return dynamoClaims(table, operatorClaimKey)
}

/** Claims of submitted work and of submitters' idempotency keys in DynamoDB. */
export function dynamoSubmissionClaims(table: Table): ClaimStore {
  return dynamoClaims(table, submissionClaimKey)
}

function dynamoClaims(table: Table, keyOf: (job: string, hash: string) => TableKey): ClaimStore {
  return {
    async get(job, hash, now) {
      const key = keyOf(job, hash)
      const stored = table.decode(key, await table.get(key, true), readClaim)
      return stored && stored.expiresAt > now ? stored : undefined
    },

    async replace(job, to, over, now) {
      const key = keyOf(job, to.hash)
      const result = await table.put(
        key,
        { ...to, expiresAt: epochSeconds(to.expiresAt) },
        over
          ? { condition: 'claimedAt = :over', values: { ':over': over.claimedAt } }
          : {
              condition: 'attribute_not_exists(pk) OR expiresAt <= :now',
              values: { ':now': epochSeconds(now) },
            },
      )
      if (result.done) return { written: true }
      const stored = table.decode(key, result.stored, readClaim)
      const isOurs =
        stored?.runId === to.runId &&
        stored.claimedAt === to.claimedAt &&
        stored.isPublished === to.isPublished
      return isOurs ? { written: true } : { written: false, stored }
    },
  }
}

function readClaim(attributes: Attributes): Claim {
  const fields = new Fields(attributes)
  return {
    hash: fields.text('hash'),
    requestHash: fields.text('requestHash'),
    runId: fields.text('runId'),
    createdAt: fields.number('createdAt'),
    claimedAt: fields.number('claimedAt'),
    isPublished: fields.flag('isPublished'),
    expiresAt: fields.number('expiresAt') * 1_000,
  }
}
