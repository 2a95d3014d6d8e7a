import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { chmod, readFile, rename, writeFile } from 'node:fs/promises'
import { StartError } from '../host/lifecycle.ts'

const TOKEN_BYTES = 32
const TOKEN_PATTERN = /^[\w-]{43}$/

/**
 * The operator's token of this machine, made once and kept in a file that only its owner may read.
 *
 * @throws {StartError} when the file holds anything else; never with what it holds
 */
export async function operatorToken(file: string): Promise<string> {
  const kept = await readText(file)
  if (kept === undefined) return createToken(file)
  if (!TOKEN_PATTERN.test(kept)) {
    throw new StartError([
      `${file}: expected an operator's token of ${TOKEN_BYTES} bytes in base64url, got something else; delete it to have a new one made`,
    ])
  }
  await chmod(file, 0o600)
  return kept
}

/** Written beside and put in place, so that no crash leaves half a token. */
async function createToken(file: string): Promise<string> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  await writeFile(`${file}.new`, `${token}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
  return token
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

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
