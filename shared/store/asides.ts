import type { FailReason } from '#shared/domain/errors.ts'
import type { AsideStore } from '#shared/domain/ports/store.ts'
import type { Aside } from '#shared/domain/records/rejected.ts'
import { type Attributes, defined, Fields, seconds } from './attributes.ts'
import { asideKey } from './keys.ts'
import type { Table } from './table.ts'

/** Rejected bodies in DynamoDB; the newest of each key. */
export function dynamoAsides(table: Table): AsideStore {
  return {
    async get(job, key) {
      const at = asideKey(job, key)
      return table.decode(at, await table.get(at, true), readAside)
    },

    async put(job, aside) {
      await table.put(asideKey(job, aside.key), { ...aside, expiresAt: seconds(aside.expiresAt) })
    },

    async list(job) {
      const { pk } = asideKey(job, '')
      const stored = await table.query(pk, { first: '!', last: '~' })
      return stored.flatMap(
        (attributes) => table.decode({ pk, sk: attributes['sk']?.S ?? '' }, attributes, readAside) ?? [],
      )
    },

    remove: (job, key) => table.remove(asideKey(job, key)),
  }
}

function readAside(attributes: Attributes): Aside {
  const fields = new Fields(attributes)
  return {
    key: fields.text('key'),
    runId: fields.text('runId'),
    at: fields.number('at'),
    reason: fields.text('reason') as FailReason,
    message: fields.text('message'),
    body: fields.text('body'),
    expiresAt: fields.number('expiresAt') * 1_000,
    ...defined({ value: fields.optionalText('value') }),
  }
}
