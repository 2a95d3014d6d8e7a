import { ulid } from 'ulid'
import type { Job } from '#shared/declare/job.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import type { OperatorRecord } from '#shared/domain/records/operator-record.ts'
import type { HttpResult } from '#shared/http/problem.ts'
import { MACRO_INPUTS } from '#shared/systems/macro/macro-inputs.ts'
import { POSITIONS } from '#shared/systems/portfolio/positions.ts'
import { withAudit } from '../audit.ts'
import type { OperationContext, OperationHandler } from '../http/operation.ts'
import { expectOnlyParameters, isoOrNull } from '../http/request.ts'
import { HttpError, jsonResponse } from '../http/response.ts'
import { triggerAfterChange } from '../runs/run-requests.ts'
import { macroInputsFormat } from './macro-inputs.ts'
import type { OperatorDataFormat } from './operator-data-format.ts'
import { positionsFormat } from './positions.ts'

const FORMATS: Readonly<Record<string, OperatorDataFormat>> = {
  [POSITIONS]: positionsFormat,
  [MACRO_INPUTS]: macroInputsFormat,
}

/** The stored data, or those of the configuration. Documented path. */
export const showOperatorData: OperationHandler = async (call) => {
  const { job, name, format } = target(call)
  expectOnlyParameters(call.request.query, [])
  const record = await call.ports.store.operatorRecords.get(name)
  return jsonResponse(200, bodyOf(record, { job, format, call }))
}

/** Replaces all data. Documented path. */
export const replaceOperatorData: OperationHandler = (call) =>
  changeAll(call, ({ parse }, job) => parse(call, job))

/** Erases the data: those of the configuration apply again. Documented path. */
export const eraseOperatorData: OperationHandler = (call) => changeAll(call, () => null)

/**
 * Changes the data. The job that reads them runs then if it costs no calls; others wait for their schedules, or for an
 * operator.
 */
async function changeAll(
  call: OperationContext,
  dataOf: (format: OperatorDataFormat, job: Job) => JsonValue,
): Promise<HttpResult> {
  const { job, name, format } = target(call)
  expectOnlyParameters(call.request.query, [])
  const record = await change(name, dataOf(format, job), format, call)
  const body = bodyOf(record, { job, format, call })
  if (!format.requestsRun) return jsonResponse(200, body)
  return jsonResponse(200, { ...body, run_id: (await triggerAfterChange(job, call)) ?? null })
}

function target({ job, route }: OperationContext) {
  const name = job?.operatorData[0]
  const format = name === undefined ? undefined : FORMATS[name]
  if (job && name !== undefined && format) return { job, name, format }
  throw new TypeError(`expected the path ${route.path} to name known data of operators, got ${name}`)
}

/** Writes one audited change. @throws {HttpError} 409 when another change came first */
async function change(
  name: string,
  data: JsonValue,
  format: OperatorDataFormat,
  call: OperationContext,
): Promise<OperatorRecord> {
  const { store, clock, random } = call.ports
  const stored = await store.operatorRecords.get(name)
  const now = clock.now()
  const next: OperatorRecord = {
    revision: (stored?.revision ?? 0) + 1,
    change: ulid(now, random),
    changedAt: now,
    data,
  }
  const audited = {
    action: data === null ? `erase-${name}` : `replace-${name}`,
    target: { data: name },
    before: format.summarize(presentData(stored)),
    after: format.summarize(presentData(next)),
    message: () => (data === null ? `The ${name} were erased` : `The ${name} were replaced`),
  }
  return withAudit(call, audited, async () => {
    const replaced = await store.operatorRecords.replace(name, next)
    if (replaced.written) return next
    const message = `expected to change the ${name}, got another change first; read them and decide again`
    throw new HttpError({ status: 409, message, headers: { 'retry-after': '1' } })
  })
}

function bodyOf(
  record: OperatorRecord | undefined,
  { job, format, call }: { job: Job; format: OperatorDataFormat; call: OperationContext },
) {
  const data = presentData(record)
  const changedAt = data === undefined ? undefined : record?.changedAt
  return { ...format.show(data, job, call), changed_at: isoOrNull(changedAt) }
}

/** The data of a record; `undefined` before the first change and once they are erased. */
function presentData(record: OperatorRecord | undefined): JsonValue | undefined {
  return record?.data ?? undefined
}
