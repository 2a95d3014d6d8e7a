import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { MINUTE_MS } from '#shared/domain/duration.ts'

/** How long an address with a one-time token works. */
const TOKEN_LIFETIME_MS = MINUTE_MS

const SECRET_BYTES = 32

interface IssuedToken {
  readonly digest: Buffer
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  /** Of the session that the first use has begun. */
  session?: Buffer
}

/** What came of the use of a token: the secret of a new session, or why there is none. */
export type TokenUse =
  | { readonly status: 'accepted'; readonly secret: string }
  | { readonly status: 'unknown' | 'expired' | 'repeated' }

/**
 * The browsers that may send requests as the operator. A token is exchanged once, within 60 s, for the secret of a session. A
 * second use within that time shows that the address has leaked: it ends the session, whichever of both uses was the operator's.
 * Only digests are stored, and each comparison takes the same time for every text.
 */
export class BrowserSessions {
  readonly #now: () => number
  #tokens: IssuedToken[] = []
  #sessions: Buffer[] = []

  /** @param now - milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now
  }

  /** A new token. */
  issueToken(): string {
    const token = newSecret()
    this.#tokens.push({ digest: digestOf(token), expiresAt: this.#now() + TOKEN_LIFETIME_MS })
    return token
  }

  /** Exchanges a token for the secret of a session. */
  useToken(token: string): TokenUse {
    const digest = digestOf(token)
    const issued = this.#tokens.find((one) => timingSafeEqual(one.digest, digest))
    if (!issued) return { status: 'unknown' }
    if (this.#now() >= issued.expiresAt) return { status: 'expired' }
    if (issued.session) {
      const { session } = issued
      this.#sessions = this.#sessions.filter((one) => one !== session)
      return { status: 'repeated' }
    }
    const secret = newSecret()
    issued.session = digestOf(secret)
    this.#sessions.push(issued.session)
    return { status: 'accepted', secret }
  }

  /** Whether a text is the secret of a session. */
  accepts(secret: string): boolean {
    const digest = digestOf(secret)
    return this.#sessions.some((session) => timingSafeEqual(session, digest))
  }
}

function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url')
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
