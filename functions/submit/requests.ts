import { ulid } from 'ulid'
import { isIdempotencyKey, type SubmissionFormat } from '#functions/runtime/submission.ts'
import {
  isUnavailable,
  RETRY_AFTER_S,
  UNAVAILABLE_MESSAGE,
  withinTime,
} from '#functions/runtime/unavailable.ts'
import type { Job } from '#shared/declare/job.ts'
import { defined } from '#shared/domain/defined.ts'
import { assertNever } from '#shared/domain/errors.ts'
import { stableUlid, taskIdOf } from '#shared/domain/ids.ts'
import type { Params } from '#shared/domain/json.ts'
import { shown } from '#shared/domain/text.ts'
import { type SubmitPorts, type SubmitResult, submit } from '#shared/engine/task/submit.ts'
import type { Failure } from '#shared/http/envelopes.ts'
import { failureResponse, type HttpResult, problem } from '#shared/http/problem.ts'
import { router } from '#shared/http/router.ts'
import { type RouteRow, routeTable } from '#shared/http/routes.ts'
import { parseBody, type ReadRequest } from '#shared/read/request.ts'

/** A submission over HTTPS; `actor` is the caller, as identified by the gateway's authorizer. */
export type SubmitRequest = ReadRequest & { readonly actor: string | undefined }

interface SubmitOptions {
  readonly jobs: readonly Job[]
  readonly submissions: Readonly<Record<string, SubmissionFormat>>
  readonly ports: SubmitPorts
}

type SubmissionRow = Extract<RouteRow, { serves: 'submission' }>

/** One request with its route. */
interface SubmitCall {
  readonly row: SubmissionRow
  readonly job: Job
  readonly format: SubmissionFormat
  readonly request: SubmitRequest
  /** Milliseconds since the epoch. */
  readonly now: number
}

/**
 * The paths that submit tasks. Each responds at once, with the task that does the work. A submission by an operator is
 * recorded in the audit before it takes effect, and again if no task comes of it.
 */
export class SubmitRequests {
  readonly #jobs: readonly Job[]
  readonly #submissions: SubmitOptions['submissions']
  readonly #ports: SubmitPorts
  readonly #match: ReturnType<typeof router<RouteRow>>

  constructor({ jobs, submissions, ports }: SubmitOptions) {
    this.#jobs = jobs
    this.#submissions = submissions
    this.#ports = ports
    this.#match = router(routeTable(jobs).filter(({ serves }) => serves === 'submission'))
  }

  /**
   * The response to a request; 503 when the table or Step Functions fail or are too slow.
   *
   * @param endsAt - when the function's time ends, in epoch milliseconds
   * @throws what is a defect; the handler responds with 500
   */
  async handle(request: SubmitRequest, endsAt?: number): Promise<HttpResult> {
    const match = this.#match(request.method, request.path)
    if (!match.isMatch || match.row.serves !== 'submission')
      return problem({ status: 404, message: 'No task is submitted at this path' })
    const call = this.#callOf(match.row, request)
    if (call.row.access === 'operator' && request.actor === undefined)
      return problem({ status: 401, message: 'an authenticated operator is required' })
    const params = parseSubmission(call)
    if ('failure' in params) return failed(call, params.failure)
    try {
      return await withinTime(this.#submit(call, params.params), endsAt, this.#ports)
    } catch (error) {
      if (!isUnavailable(error)) throw error
      const { method, path } = request
      this.#ports.log.error('A submission failed: the table did not respond', { method, path, error })
      const headers = { 'retry-after': String(RETRY_AFTER_S) }
      return failed(call, { status: 503, message: UNAVAILABLE_MESSAGE }, headers)
    }
  }

  #callOf(row: SubmissionRow, request: SubmitRequest): SubmitCall {
    const job = this.#jobs.find(({ id }) => id === row.job)
    const format = this.#submissions[row.job]
    if (job && format) return { row, job, format, request, now: this.#ports.clock.now() }
    throw new TypeError(`the route ${row.path} of ${row.job} has no submit.ts`)
  }

  async #submit(call: SubmitCall, params: Params): Promise<HttpResult> {
    const { row, job, request, now } = call
    const isOperator = row.access === 'operator'
    const idempotencyKey = request.headers['idempotency-key']
    if (isOperator && idempotencyKey === undefined) await this.#audit(call, 'submit', params, now)
    const submission = {
      job,
      cause: isOperator ? ('operator' as const) : ('submission' as const),
      params,
      ...defined({
        idempotencyKey,
        // repeated submissions under one key are one change, with one entry
        beforeEffect: isOperator
          ? (claimedAt: number) => this.#audit(call, 'submit', params, claimedAt, idempotencyKey)
          : undefined,
        requiresNewRun: row.route.requiresNewRun,
      }),
    }
    const result = await submit(submission, this.#ports)
    if (isOperator && (result.status === 'conflict' || result.status === 'unstarted')) {
      const at = Math.max(this.#ports.clock.now(), now + 1)
      await this.#audit(call, 'submit-failed', { error: result.status }, at)
    }
    return toHttp(result, call, params)
  }

  async #audit(
    { job, request: { actor = '' } }: SubmitCall,
    action: string,
    after: object,
    at: number,
    idempotencyKey?: string,
  ): Promise<void> {
    const { store, random } = this.#ports
    const subject = `job:${job.id}`
    await store.audits.append({
      id: idempotencyKey === undefined ? ulid(at, random) : stableUlid(at, `${job.id} ${idempotencyKey}`),
      at,
      actor,
      action,
      subject,
      after: JSON.stringify(after),
    })
  }
}

/** The parameters of a submission, or the failure to respond with. */
function parseSubmission({
  row,
  job,
  format,
  request,
}: SubmitCall): { params: Params } | { failure: Failure } {
  const { headers, query = {}, body: text = '' } = request
  const key = headers['idempotency-key']
  if (key !== undefined && !isIdempotencyKey(key))
    return {
      failure: { status: 400, message: 'Idempotency-Key: expected 1 to 128 visible ASCII characters' },
    }
  const declared = row.route.query ?? {}
  const other = Object.keys(query).find((name) => !Object.hasOwn(declared, name))
  if (other !== undefined)
    return { failure: { status: 400, message: `expected no parameter ${shown(other)}` } }
  // a submission without a body has the default parameters
  const body = parseBody(text === '' ? '{}' : text)
  if ('message' in body) return { failure: body }
  const params = format.parseParams({ query, body: body.json }, job)
  if (isInvalid(params)) return { failure: { status: 400, message: params.error } }
  if (job.off !== undefined) return { failure: { status: 409, message: `${job.title}: ${job.off}` } }
  return { params }
}

function isInvalid(params: Params | { readonly error: string }): params is { readonly error: string } {
  return typeof params['error'] === 'string'
}

function toHttp(result: SubmitResult, call: SubmitCall, params: Params): HttpResult {
  switch (result.status) {
    case 'conflict': {
      const message = 'Idempotency-Key: expected a new key, got one that was used for another submission'
      return failed(call, { status: 422, message })
    }
    case 'unstarted':
      return failed(call, { status: 503, message: 'The task could not be started' }, { 'retry-after': '30' })
    case 'created':
    case 'coalesced':
    case 'repeated': {
      const { row, job, format, now } = call
      const taskId = taskIdOf(result.run.id, job)
      return {
        statusCode: row.route.method === 'POST' ? 202 : 200,
        headers: {
          'content-type': 'application/json',
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
          location: format.location(taskId),
          'x-task': result.status === 'created' ? 'created' : 'coalesced',
        },
        body: JSON.stringify(format.responseBody({ taskId, params, now })),
        isBase64Encoded: false,
      }
    }
    default:
      return assertNever(result)
  }
}

function failed({ job, now }: SubmitCall, failure: Failure, headers?: HttpResult['headers']): HttpResult {
  return failureResponse(job.envelope, failure, now, headers)
}
