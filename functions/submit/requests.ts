import { ulid } from 'ulid'
import type { SubmissionFormat } from '#functions/runtime/submission.ts'
import type { Job } from '#shared/declare/job.ts'
import { assertNever } from '#shared/domain/errors.ts'
import { taskIdOf } from '#shared/domain/ids.ts'
import type { JsonValue, Params } from '#shared/domain/json.ts'
import { type SubmitPorts, type SubmitResult, submit } from '#shared/engine/task/submit.ts'
import { failureResponse, type HttpResult, problem } from '#shared/http/problem.ts'
import { router } from '#shared/http/router.ts'
import { type RouteRow, routeTable } from '#shared/http/routes.ts'
import type { ReadRequest } from '#shared/read/request.ts'

/** A submission over HTTPS; `actor` is who asks, where an authorizer vouches for somebody. */
export type SubmitRequest = ReadRequest & { readonly actor: string | undefined }

interface SubmitOptions {
  readonly jobs: readonly Job[]
  readonly submissions: Readonly<Record<string, SubmissionFormat>>
  readonly ports: SubmitPorts
}

type SubmissionRow = Extract<RouteRow, { serves: 'submission' }>

/** Largest body of a submission. */
const MAX_BODY_BYTES = 32 * 1_024
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,128}$/

/**
 * Answers the paths that submit tasks: the task that stands for the work, at once. What an operator submits leaves an
 * audit record before it takes effect, and another one when it comes to nothing.
 *
 * @throws what the table throws: the function's door makes a 500 of it
 */
export function submitRequests({ jobs, submissions, ports }: SubmitOptions) {
  const match = router(routeTable(jobs).filter(({ serves }) => serves === 'submission'))

  return async (request: SubmitRequest): Promise<HttpResult> => {
    const matched = match(request.method, request.path)
    if (!matched.isMatch || matched.row.serves !== 'submission')
      return problem({ status: 404, message: 'No task is submitted at this path' })
    const { row } = matched
    const job = jobs.find(({ id }) => id === row.job)
    const shape = submissions[row.job]
    if (!job || !shape) throw new TypeError(`the route ${row.path} of ${row.job} has no submit.ts`)
    if (row.access === 'operator' && request.actor === undefined)
      return problem({ status: 401, message: 'expected a request of an operator, got one of nobody' })
    return submitted(row, job, shape, request)
  }

  async function submitted(
    row: SubmissionRow,
    job: Job,
    shape: SubmissionFormat,
    request: SubmitRequest,
  ): Promise<HttpResult> {
    const now = ports.clock.now()
    const failed = (status: number, message: string, headers?: Readonly<Record<string, string>>) =>
      failureResponse(job.envelope, { status, message }, now, headers)
    const key = request.headers['idempotency-key']
    if (key !== undefined && !IDEMPOTENCY_KEY.test(key))
      return failed(400, 'Idempotency-Key: expected 1 to 128 visible ASCII characters')
    if (Buffer.byteLength(request.body ?? '') > MAX_BODY_BYTES)
      return failed(413, `expected a body of at most ${MAX_BODY_BYTES} bytes`)
    const body = parseBody(request.body)
    if (body === undefined) return failed(400, 'expected a body in JSON')
    const params = shape.parseParams({ query: request.query ?? {}, body }, job)
    if (isInvalid(params)) return failed(400, params.wrong)
    if (job.off !== undefined) return failed(409, `${job.title}: ${job.off}`)

    const audit = (action: string, after: object, at: number) =>
      row.access === 'operator' ? audited(job, action, after, request, at) : undefined
    await audit('submit', params, now)
    const result = await submit(
      {
        job,
        cause: row.access === 'operator' ? 'operator' : 'submission',
        params,
        ...(key === undefined ? {} : { idempotencyKey: key }),
        ...(row.route.requiresNewRun ? { requiresNewRun: true } : {}),
      },
      ports,
    )
    if (result.status === 'conflict' || result.status === 'unstarted')
      await audit('submit-failed', { error: result.status }, Math.max(ports.clock.now(), now + 1))
    return answerOf(result)

    function answerOf(result: SubmitResult): HttpResult {
      switch (result.status) {
        case 'conflict':
          return failed(
            422,
            'Idempotency-Key: expected a new key, got one that was used for another submission',
          )
        case 'unstarted':
          return failed(503, 'The task could not be started', { 'retry-after': '30' })
        case 'created':
        case 'coalesced':
        case 'repeated': {
          const taskId = taskIdOf(result.run.id, job)
          return {
            statusCode: row.route.method === 'POST' ? 202 : 200,
            headers: {
              'content-type': 'application/json',
              'cache-control': 'no-store',
              location: shape.location(taskId),
              'x-task': result.status === 'created' ? 'created' : 'coalesced',
            },
            body: JSON.stringify(shape.responseBody({ taskId, params, now })),
            isBase64Encoded: false,
          }
        }
        default:
          return assertNever(result)
      }
    }
  }

  async function audited(
    job: Job,
    action: string,
    after: object,
    { actor = '' }: SubmitRequest,
    at: number,
  ): Promise<void> {
    const id = ulid(at, ports.random)
    const subject = `job:${job.id}`
    await ports.store.audits.append({ id, at, actor, action, subject, after: JSON.stringify(after) })
  }
}

function isInvalid(params: Params | { readonly wrong: string }): params is { readonly wrong: string } {
  return typeof params['wrong'] === 'string'
}

function parseBody(text: string | undefined): JsonValue | undefined {
  if (text === undefined || text === '') return {}
  try {
    return JSON.parse(text) as JsonValue
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
