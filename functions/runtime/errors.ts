import type middy from '@middy/core'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import type { Log } from '#shared/domain/ports/log.ts'
import { type HttpResult, problem } from '#shared/http/problem.ts'

/**
 * Answers an unforeseen error with problem details that tell nothing of it, and logs it.
 *
 * @param noted - told that there was one
 */
export function errorsAsProblems(
  log: Pick<Log, 'error'>,
  noted: () => void = () => {},
): middy.MiddlewareObj<APIGatewayProxyEventV2, HttpResult, Error> {
  return {
    onError: (request) => {
      noted()
      const requestId = request.event.requestContext.requestId
      log.error('A request failed', { request_id: requestId, error: request.error })
      request.response = problem({ status: 500, message: `The request failed, number ${requestId}` })
    },
  }
}
