const MAX_ACTOR_LENGTH = 256

/**
 * Who asks, as the gateway's authorizer knows: the ARN of a signed request, the subject of a token. `undefined` where
 * no authorizer vouches for anybody.
 *
 * @param authorizer - `requestContext.authorizer` of an event in payload format 2.0
 */
export function actorOf(authorizer: unknown): string | undefined {
  const { iam, jwt } = members(authorizer)
  const { userArn, callerId } = members(iam)
  const { sub } = members(members(jwt)['claims'])
  const names = [userArn, callerId, sub]
  return names
    .find((name): name is string => typeof name === 'string' && name !== '')
    ?.slice(0, MAX_ACTOR_LENGTH)
}

function members(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
