import type { ClaimStore } from '#shared/domain/ports/store.ts'
import type { Claim } from '#shared/domain/records/claim.ts'
import { type Attributes, epochSeconds, Fields } from './attributes.ts'
import { operatorClaimKey, submissionClaimKey, type TableKey } from './keys.ts'
import type { Table } from './table.ts'

/** What operators' keys stand for, in DynamoDB. */
export function dynamoOperatorClaims(table: Table): ClaimStore {
  return dynamoClaims(table, operatorClaimKey)
}

/** What submitted work, and the keys of those who submit, stand for. */
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
      const written = await table.put(
        key,
        { ...to, expiresAt: epochSeconds(to.expiresAt) },
        over
          ? { condition: 'claimedAt = :over', values: { ':over': over.claimedAt } }
          : {
              condition: 'attribute_not_exists(pk) OR expiresAt <= :now',
              values: { ':now': epochSeconds(now) },
            },
      )
      if (written.done) return { written: true }
      const stored = table.decode(key, written.stored, readClaim)
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
    claimedAt: fields.number('claimedAt'),
    isPublished: fields.flag('isPublished'),
    expiresAt: fields.number('expiresAt') * 1_000,
  }
}
