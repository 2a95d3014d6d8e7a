import { encodeTime } from 'ulid'
import { defined } from '#shared/domain/defined.ts'
import type { AuditStore } from '#shared/domain/ports/store.ts'
import type { AuditEntry } from '#shared/domain/records/audit-entry.ts'
import { type Attributes, epochSeconds, Fields } from './table/attributes.ts'
import { auditKey, auditMonths, auditsOf } from './table/keys.ts'
import type { Table } from './table/table.ts'

const AUDIT_RETENTION_MS = 400 * 86_400_000

/** What operators changed, in DynamoDB: a partition a month, ordered by time. */
export function dynamoAudits(table: Table): AuditStore {
  return {
    async append(entry) {
      await table.put(auditKey(entry.at, entry.id), {
        ...entry,
        expiresAt: epochSeconds(entry.at + AUDIT_RETENTION_MS),
      })
    },

    async list({ from, to, limit }) {
      const found: AuditEntry[] = []
      for (const month of auditMonths(from, to)) {
        const pk = auditsOf(month)
        const range = { first: encodeTime(from, 10), last: `${encodeTime(to, 10)}~` }
        const page = await table.query(pk, range, { newestFirst: true, limit: limit - found.length })
        for (const attributes of page) {
          const entry = table.decode({ pk, sk: attributes['sk']?.S ?? '' }, attributes, readEntry)
          if (entry) found.push(entry)
        }
        if (found.length >= limit) break
      }
      return found
    },
  }
}

function readEntry(attributes: Attributes): AuditEntry {
  const fields = new Fields(attributes)
  return {
    id: fields.text('id'),
    at: fields.number('at'),
    actor: fields.text('actor'),
    action: fields.text('action'),
    subject: fields.text('subject'),
    ...defined({ before: fields.optionalText('before'), after: fields.optionalText('after') }),
  }
}
