import { createHash, timingSafeEqual } from 'node:crypto'

/** What an authorizer says: who it is, as functions are told, or which of the gateway's answers they get and why. */
export type AuthorizerResult =
  | { readonly allowed: true; readonly authorizer: object }
  | { readonly allowed: false; readonly status: 401 | 403; readonly reason: string }

const OPERATOR_RESULT: AuthorizerResult = {
  allowed: true,
  authorizer: { jwt: { claims: { sub: 'operator' }, scopes: ['jobs:write'] } },
}

/** Three parts of base64url. */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/

/**
 * Admits whoever shows the token as `Authorization: Bearer <token>`, as the JWT authorizer of an HTTP API does: no
 * credential or a wrong one is 401; one that was made for somebody else, as every JWT was, 403. Why never tells what
 * was shown.
 */
export function tokenAuthorizer(token: string): (authorization: string | undefined) => AuthorizerResult {
  const expected = digest(token)
  return (authorization) => {
    if (authorization === undefined) return deny(401, 'no Authorization header')
    const shown = /^Bearer +(\S+)$/i.exec(authorization)?.[1]
    if (shown === undefined) return deny(401, 'expected Bearer and a token')
    if (JWT.test(shown)) return deny(403, 'expected the token of this machine, got a JWT')
    // digests are of one length, so the comparison takes as long for every token
    return timingSafeEqual(digest(shown), expected) ? OPERATOR_RESULT : deny(401, 'another token')
  }
}

function deny(status: 401 | 403, reason: string): AuthorizerResult {
  return { allowed: false, status, reason }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
