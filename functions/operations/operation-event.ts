import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { actorOf } from './actor.ts'
import type { OperationRequest } from './operation.ts'

/** What the gateway hands over (payload format 2.0), as a request of an operator. */
export function operationRequest(event: APIGatewayProxyEventV2, at: number): OperationRequest {
  const { requestContext, rawPath, rawQueryString, headers, body, isBase64Encoded } = event
  const { authorizer } = requestContext as { readonly authorizer?: unknown }
  return {
    method: requestContext.http.method,
    path: rawPath,
    query: Object.fromEntries(new URLSearchParams(rawQueryString)),
    headers,
    body: isBase64Encoded && body !== undefined ? Buffer.from(body, 'base64').toString('utf8') : body,
    actor: actorOf(authorizer),
    at,
  }
}
