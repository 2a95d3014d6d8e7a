import { ulid } from 'ulid'
import type { Job } from '#shared/declare/job.ts'
import { defined } from '#shared/domain/defined.ts'
import { DAY_MS } from '#shared/domain/duration.ts'
import { isRunId, stableUlid } from '#shared/domain/ids.ts'
import { AUDIT_RETENTION_MS, type AuditEntry } from '#shared/domain/records/audit-entry.ts'
import { excerpt } from '#shared/domain/redaction.ts'
import { isoText } from '#shared/domain/time.ts'
import type { OperationContext, OperationHandler } from './http/operation.ts'
import { expectOnlyParameters, jobOfPath, parseLimit, parseSpan } from './http/request.ts'
import { HttpError, jsonResponse } from './http/response.ts'
import { searchByTime } from './runs/search.ts'

/** What a change applies to, as log fields: a job, one run of it, an upstream, data of operators, or failure queues. */
type ChangeTarget =
  | { readonly job: string; readonly run_id?: string }
  | { readonly upstream: string }
  | { readonly data: string }
  /** The failure queues, or one of them. */
  | { readonly dlq: string }

/** A change by an operator. `before` and `after` are views as the API returns them; they hold no secret. */
interface AuditedChange<Result> {
  readonly action: string
  readonly target: ChangeTarget
  /** In the operator's own words. */
  readonly reason?: string | undefined
  readonly before?: object | undefined
  readonly after?: object | undefined
  /** When the request was first made under its `Idempotency-Key`, and the key: its repetitions have the same entry. */
  readonly claim?: { readonly at: number; readonly name: string } | undefined
  /** Figures of a result, which `after` of the entry gets once the change is made; none by default. */
  readonly figures?: (result: Result) => object
  /** The log message for a result: one sentence without secrets and bodies; `undefined` if nothing was changed. */
  readonly message: (result: Result) => string | undefined
}

/**
 * Makes a change with an audit entry: the entry is written first, so that there is no change without one. Logs the
 * change once it is made, and adds its figures to the entry. If it fails, a second entry `<action>-failed` is written.
 *
 * @throws {HttpError} the one that `effect` throws; 503 for any other error: the request can be retried
 * @throws the table's error when the entry cannot be written; nothing is changed then
 */
export async function withAudit<Result>(
  call: OperationContext,
  change: AuditedChange<Result>,
  effect: () => Promise<Result>,
): Promise<Result> {
  const { clock, store } = call.ports
  const { action, target } = change
  const at = change.claim?.at ?? clock.now()
  const entry = auditEntry(call, change, at)
  await store.audits.append(entry)
  try {
    const result = await effect()
    logChange(call, change, result)
    if (change.figures) await addFigures(call, entry, { ...change.after, ...change.figures(result) })
    return result
  } catch (error) {
    await recordFailure(call, change, error, Math.max(clock.now(), at + 1))
    if (error instanceof HttpError) throw error
    const message = `The ${action} failed and may have been applied in part: read the state of ${subjectOf(target)}. The request can be retried`
    throw new HttpError({ status: 503, message, headers: { 'retry-after': '5' } }, { cause: error })
  }
}

/** The change is made already, and its log line has the figures too: an entry that cannot be replaced stays without them. */
async function addFigures({ ports }: OperationContext, entry: AuditEntry, after: object): Promise<void> {
  try {
    await ports.store.audits.append({ ...entry, after: JSON.stringify(after) })
  } catch (error) {
    const { action, subject } = entry
    ports.log.warn('The figures of a change could not be added to its audit entry', {
      action,
      subject,
      error,
    })
  }
}

function logChange<Result>(
  { request, ports }: OperationContext,
  { action, target, message }: AuditedChange<Result>,
  result: Result,
): void {
  const text = message(result)
  if (text !== undefined) ports.log.info(text, { action, ...target, actor: request.actor })
}

/** The response reports the failure in any case, so an entry that cannot be written is only logged. */
async function recordFailure(
  call: OperationContext,
  { action, target, reason, before }: Pick<AuditedChange<never>, 'action' | 'target' | 'reason' | 'before'>,
  error: unknown,
  at: number,
): Promise<void> {
  const { log, store } = call.ports
  const errorText = error instanceof Error ? `${error.name}: ${excerpt(error.message)}` : typeof error
  log.error('A change by an operator failed', { action, ...target, error })
  try {
    const failure = { action: `${action}-failed`, target, reason, before, after: { error: errorText } }
    await store.audits.append(auditEntry(call, failure, at))
  } catch (auditError) {
    log.error('The audit entry of a failed change could not be written', {
      action,
      ...target,
      error: auditError,
    })
  }
}

function auditEntry(
  { request, ports }: OperationContext,
  { action, target, reason, before, after, claim }: Omit<AuditedChange<never>, 'message'>,
  at: number,
): AuditEntry {
  return {
    id: claim === undefined ? ulid(at, ports.random) : stableUlid(at, `${subjectOf(target)} ${claim.name}`),
    at,
    actor: request.actor,
    action,
    subject: subjectOf(target),
    ...defined({
      reason,
      before: before && JSON.stringify(before),
      after: after && JSON.stringify(after),
    }),
  }
}

function subjectOf(target: ChangeTarget): string {
  if ('upstream' in target) return `upstream:${target.upstream}`
  if ('data' in target) return `data:${target.data}`
  if ('dlq' in target) return `dlq:${target.dlq}`
  return target.run_id === undefined ? `job:${target.job}` : `run:${target.run_id}`
}

const DEFAULT_SPAN_MS = 30 * DAY_MS

/**
 * Audit entries, newest first: of the last 30 days by default; of one job, action or actor with the parameters of these names.
 * Entries are stored for 400 days.
 */
export const listAudit: OperationHandler = async (call) => {
  const { request, ports } = call
  expectOnlyParameters(request.query, ['limit', 'from', 'to', 'job', 'action', 'actor'])
  const limit = parseLimit(request.query)
  const { from, to } = parseSpan(request.query, DEFAULT_SPAN_MS, request.at)
  const { job: id, action, actor } = request.query
  const job = id === undefined ? undefined : jobOfPath({ ...call, id })
  const range = {
    from: Math.max(from, request.at - AUDIT_RETENTION_MS),
    to: Math.min(to, request.at + DAY_MS),
    limit,
  }
  if (range.from > range.to) return jsonResponse(200, { entries: [] })
  const { audits } = ports.store
  const matches = (entry: AuditEntry) =>
    (job === undefined || concernsJob(entry, job)) &&
    (action === undefined || entry.action === action) &&
    (actor === undefined || entry.actor === actor)
  const isFiltered = [job, action, actor].some((filter) => filter !== undefined)
  const { records, searchedTo } = isFiltered
    ? await searchByTime(range, {
        list: (page) => audits.list(page),
        matches,
        timeOf: ({ at }) => at,
        stepMs: 1,
      })
    : { records: await audits.list(range) }
  return jsonResponse(200, {
    entries: records.map(entryView),
    ...defined({ searched_to: searchedTo === undefined ? undefined : isoText(searchedTo) }),
  })
}

/** Whether an entry is about a job or one of its runs. */
function concernsJob({ subject }: AuditEntry, { id }: Job): boolean {
  const [, kind, name = ''] = /^(\w+):(.*)$/.exec(subject) ?? []
  return kind === 'run' ? isRunId(name, id) : kind === 'job' && name === id
}

function entryView({ id, at, actor, action, subject, reason, before, after }: AuditEntry) {
  return {
    id,
    at: isoText(at),
    actor,
    action,
    subject,
    reason: reason ?? null,
    before: parseOrNull(before),
    after: parseOrNull(after),
  }
}

function parseOrNull(text: string | undefined): unknown {
  return text === undefined ? null : JSON.parse(text)
}
