import middy from '@middy/core'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { type HttpResult, problem } from '#shared/http/problem.ts'

/** The operators' API, behind the HTTP API (payload format 2.0). */
export const handler = middy<APIGatewayProxyEventV2, HttpResult>().handler(() =>
  Promise.resolve(problem({ status: 404, message: 'Nothing stands at this path' })),
)
