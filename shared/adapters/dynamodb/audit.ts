import { encodeTime } from 'ulid'
import { defined } from '#shared/domain/defined.ts'
import type { AuditStore } from '#shared/domain/ports/store.ts'
import { AUDIT_RETENTION_MS, type AuditEntry } from '#shared/domain/records/audit-entry.ts'
import { type Attributes, epochSeconds, Fields } from './table/attributes.ts'
import { auditKey, auditMonths, auditsOf } from './table/keys.ts'
import type { Table } from './table/table.ts'

/** Audit entries in DynamoDB: one partition per month, ordered by time. */
export function dynamoAudits(table: Table): AuditStore {
  return {
    async append(entry) {
      await table.put(auditKey(entry.at, entry.id), {
        ...entry,
        expiresAt: epochSeconds(entry.at + AUDIT_RETENTION_MS),
      })
    },

    async list({ from, to, limit }) {
      const entries: AuditEntry[] = []
      const range = { first: encodeTime(from, 10), last: `${encodeTime(to, 10)}~` }
      for (const month of auditMonths(from, to)) {
        const options = { newestFirst: true, limit: limit - entries.length }
        entries.push(...(await table.list(auditsOf(month), range, readEntry, options)))
        if (entries.length >= limit) break
      }
      return entries
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
    ...defined({
      reason: fields.optionalText('reason'),
      before: fields.optionalText('before'),
      after: fields.optionalText('after'),
    }),
  }
}
