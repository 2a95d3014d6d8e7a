import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { actorOf } from './actor.ts'
import { bodyText } from './body-of.ts'

/** A request as the gateway hands it over; header names in lower case, the path decoded, the body as text. */
export interface AuthorizedRequest {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string | undefined>>
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string | undefined
  /** Who asks, as the gateway's authorizer knows; nobody, where none vouches for anybody. */
  readonly actor: string | undefined
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** What the gateway hands over (payload format 2.0), with who asks. */
export function authorizedRequest(event: APIGatewayProxyEventV2, at: number): AuthorizedRequest {
  const { requestContext, rawPath, rawQueryString, headers } = event
  const { authorizer } = requestContext as { readonly authorizer?: unknown }
  return {
    method: requestContext.http.method,
    path: rawPath,
    query: Object.fromEntries(new URLSearchParams(rawQueryString)),
    headers,
    body: bodyText(event),
    actor: actorOf(authorizer),
    at,
  }
}
