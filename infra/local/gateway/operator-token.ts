import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { chmod } from 'node:fs/promises'
import { readIfExists, writeAtomically } from '../host/files.ts'
import { StartError } from '../host/lifecycle.ts'

const TOKEN_BYTES = 32
const TOKEN_PATTERN = /^[\w-]{43}$/

/**
 * The operator's token of this machine, created once and stored in a file that only its owner may read.
 *
 * @throws {StartError} when the file holds anything else; the message never quotes it
 */
export async function operatorToken(file: string): Promise<string> {
  const token = (await readIfExists(file))?.trim()
  if (token === undefined) return createToken(file)
  if (!TOKEN_PATTERN.test(token)) {
    throw new StartError([
      `${file}: expected an operator's token of ${TOKEN_BYTES} bytes in base64url, got something else; delete it to create a new one`,
    ])
  }
  await chmod(file, 0o600)
  return token
}

async function createToken(file: string): Promise<string> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  await writeAtomically(file, `${token}\n`, 0o600)
  return token
}

/** Allowed, with the identity that functions receive; or denied, with the status of the gateway's response. */
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
 * Allows requests with `Authorization: Bearer <token>`, as the JWT authorizer of an HTTP API does: without a credential
 * or with a wrong one the status is 401, with a credential for another audience (any JWT) it is 403. The reason never
 * quotes the credential.
 */
export function tokenAuthorizer(token: string): (authorization: string | undefined) => AuthorizerResult {
  const expected = digest(token)
  return (authorization) => {
    if (authorization === undefined) return deny(401, 'no Authorization header')
    const credential = /^Bearer +(\S+)$/i.exec(authorization)?.[1]
    if (credential === undefined) return deny(401, 'expected Bearer and a token')
    if (JWT.test(credential)) return deny(403, 'expected the token of this machine, got a JWT')
    // digests have one length, so the comparison takes the same time for every token
    return timingSafeEqual(digest(credential), expected) ? OPERATOR_RESULT : deny(401, 'another token')
  }
}

function deny(status: 401 | 403, reason: string): AuthorizerResult {
  return { allowed: false, status, reason }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
