import type { TriggerStore } from '#shared/domain/ports/store.ts'
import type { KeyedTrigger } from '#shared/domain/records/claim.ts'
import { type Attributes, Fields, seconds } from './attributes.ts'
import { submissionKey, type TableKey, triggerKey } from './keys.ts'
import type { Table } from './table.ts'

/** What operators' keys stand for, in DynamoDB. */
export function dynamoTriggers(table: Table): TriggerStore {
  return keyed(table, triggerKey)
}

/** What submitted work, and the keys of those who submit, stand for. */
export function dynamoSubmissions(table: Table): TriggerStore {
  return keyed(table, submissionKey)
}

function keyed(table: Table, keyOf: (job: string, hash: string) => TableKey): TriggerStore {
  return {
    async get(job, hash, now) {
      const key = keyOf(job, hash)
      const stored = table.decode(key, await table.get(key, true), readTrigger)
      return stored && stored.expiresAt > now ? stored : undefined
    },

    async replace(job, to, over, now) {
      const key = keyOf(job, to.hash)
      const written = await table.put(
        key,
        { ...to, expiresAt: seconds(to.expiresAt) },
        over
          ? { condition: '#at = :over', names: { '#at': 'at' }, values: { ':over': over.at } }
          : { condition: 'attribute_not_exists(pk) OR expiresAt <= :now', values: { ':now': seconds(now) } },
      )
      if (written.done) return { written: true }
      const stored = table.decode(key, written.stored, readTrigger)
      const isOurs = stored?.runId === to.runId && stored.at === to.at && stored.isSaid === to.isSaid
      return isOurs ? { written: true } : { written: false, stored }
    },
  }
}

function readTrigger(attributes: Attributes): KeyedTrigger {
  const fields = new Fields(attributes)
  return {
    hash: fields.text('hash'),
    asked: fields.text('asked'),
    runId: fields.text('runId'),
    at: fields.number('at'),
    isSaid: fields.flag('isSaid'),
    expiresAt: fields.number('expiresAt') * 1_000,
  }
}
