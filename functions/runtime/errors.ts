import type middy from '@middy/core'
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'
import type { Log } from '#shared/domain/ports/log.ts'
import { type HttpResult, problem } from '#shared/http/problem.ts'

/**
 * Middleware that logs an unexpected error and responds with problem details that reveal nothing but the request id.
 *
 * @param onFailure - called for each error
 */
export function errorsAsProblems(
  log: Pick<Log, 'error'>,
  onFailure: () => void = () => {},
): middy.MiddlewareObj<APIGatewayProxyEventV2, HttpResult, Error> {
  return {
    onError: (request) => {
      onFailure()
      const requestId = request.event.requestContext.requestId
      log.error('A request failed', { request_id: requestId, error: request.error })
      request.response = problem({ status: 500, message: `The request failed, number ${requestId}` })
    },
  }
}

/** Reserved at the end of an invocation for its response. */
const RESPONSE_RESERVE_MS = 1_500

/** Until when a request may wait for table and bus, in epoch milliseconds. */
export function responseDeadline(context: Pick<Context, 'getRemainingTimeInMillis'>, now: number): number {
  return now + context.getRemainingTimeInMillis() - RESPONSE_RESERVE_MS
}
