import { ulid } from 'ulid'
import { DAY_MS } from '#shared/domain/duration.ts'
import type { AuditEntry } from '#shared/domain/records/audit-entry.ts'
import { excerpt } from '#shared/domain/redaction.ts'
import type { OperationContext, OperationHandler } from './http/operation.ts'
import { expectOnlyParameters, isoOrNull, parseLimit, parseSpan } from './http/request.ts'
import { HttpError, jsonResponse } from './http/response.ts'

/** What is about to be changed. */
interface AuditedChange {
  readonly action: string
  readonly subject: string
  readonly before?: object | undefined
  readonly after?: object | undefined
}

/**
 * Writes down who changes what, then changes it: there is no change without a record. When the change fails, a second
 * entry, `<action>-failed`, says so.
 *
 * @throws {HttpError} as `effect` does; 503 for whatever else it throws: it may be asked for again
 * @throws what the table throws when the record cannot be written: nothing was changed then
 */
export async function withAudit<T>(
  call: OperationContext,
  change: AuditedChange,
  effect: () => Promise<T>,
): Promise<T> {
  const { clock, store } = call.ports
  const at = clock.now()
  await store.audits.append(auditEntry(call, change, at))
  try {
    return await effect()
  } catch (error) {
    await recordFailure(call, change, error, Math.max(clock.now(), at + 1))
    if (error instanceof HttpError) throw error
    const { action, subject } = change
    const message = `The ${action} failed; how far it came, the state of ${subject} tells. It may be asked for again`
    throw new HttpError({ status: 503, message, headers: { 'retry-after': '5' } }, { cause: error })
  }
}

/** Whoever asked is told in any case: a second entry that cannot be written is only logged. */
async function recordFailure(
  call: OperationContext,
  change: AuditedChange,
  error: unknown,
  at: number,
): Promise<void> {
  const { log, store } = call.ports
  const { action, subject, before } = change
  const why = error instanceof Error ? `${error.name}: ${excerpt(error.message)}` : typeof error
  log.error('An operator’s change failed', { action, subject, error })
  try {
    const failed = { action: `${action}-failed`, subject, before, after: { error: why } }
    await store.audits.append(auditEntry(call, failed, at))
  } catch (unwritten) {
    log.error('That a change failed could not be recorded', { action, subject, error: unwritten })
  }
}

function auditEntry({ request, ports }: OperationContext, change: AuditedChange, at: number): AuditEntry {
  const { action, subject, before, after } = change
  return {
    id: ulid(at, ports.random),
    at,
    actor: request.actor,
    action,
    subject,
    ...(before === undefined ? {} : { before: JSON.stringify(before) }),
    ...(after === undefined ? {} : { after: JSON.stringify(after) }),
  }
}

const DEFAULT_SPAN_MS = 30 * DAY_MS

/** Entries are kept for so long: further back there is nothing to look through. */
const RETENTION_MS = 400 * DAY_MS

/** Who changed what, newest first; of the last thirty days unless said. */
export const listAudit: OperationHandler = async ({ request, ports }) => {
  expectOnlyParameters(request.query, ['limit', 'from', 'to'])
  const limit = parseLimit(request.query)
  const { from, to } = parseSpan(request.query, DEFAULT_SPAN_MS, request.at)
  const kept = { from: Math.max(from, request.at - RETENTION_MS), to: Math.min(to, request.at + DAY_MS) }
  const entries = kept.from > kept.to ? [] : await ports.store.audits.list({ ...kept, limit })
  return jsonResponse(200, {
    entries: entries.map(({ id, at, actor, action, subject, before, after }) => ({
      id,
      at: isoOrNull(at),
      actor,
      action,
      subject,
      before: parseOrNull(before),
      after: parseOrNull(after),
    })),
  })
}

function parseOrNull(text: string | undefined): unknown {
  return text === undefined ? null : JSON.parse(text)
}
