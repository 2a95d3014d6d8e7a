import { explain } from '#shared/read/explain/explain.ts'
import type { Explanation, Line } from '#shared/read/explain/explanation.ts'
import { readExplainRecords } from '#shared/read/explain/read-records.ts'
import { expectKey } from './data/keys.ts'
import type { OperationHandler } from './http/operation.ts'
import { expectOnlyParameters, isoOrNull, jobOfPath } from './http/request.ts'
import { jsonResponse } from './http/response.ts'

/** Why the data of a job, or the value of one key, are as old as they are, and what happens next and when. */
export const explainJob: OperationHandler = async (call) => {
  const job = jobOfPath(call)
  const { request, system, ports } = call
  expectOnlyParameters(request.query, ['key'])
  const { key } = request.query
  if (key !== undefined) expectKey(job, key)
  const subject = { job, key }
  const records = await readExplainRecords(subject, system, ports.store, request.at)
  return jsonResponse(200, explanationView(explain(subject, system, records, request.at)))
}

interface ExplanationView {
  readonly job: string
  readonly inputs: readonly ExplanationView[]
}

function explanationView({ job, key, state, cause, next, facts, inputs }: Explanation): ExplanationView {
  return Object.freeze({
    job,
    key: key ?? null,
    state,
    cause: { code: cause.code, text: sentence(cause) },
    next: { code: next.code, at: isoOrNull(next.at), text: sentence(next) },
    facts: facts.map(({ name, value, link }) => ({ name, value, link: link ?? null })),
    inputs: inputs.map(explanationView),
  })
}

/** A line with its details, which only operators get. */
function sentence({ text, details }: Line<string>): string {
  return details === undefined ? text : `${text}: ${details}`
}
