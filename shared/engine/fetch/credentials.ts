import type { Upstream } from '#shared/declare/upstream.ts'
import type { UpstreamSecret } from '#shared/declare/upstream-spec.ts'
import { RefreshError } from '#shared/domain/errors.ts'

/** What a secret holds: the key, and further headers with names in lower case. */
export interface Credentials {
  readonly token: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Reads the text of a secret: the key itself, or, for a provider that declares `extraHeaders`, JSON with the key and
 * further headers.
 *
 * @throws {RefreshError} `secret` of scope `provider` for JSON of another form, and for headers that cannot be sent; the
 *   message names the parameter and never a part of the text (I10)
 */
export function readCredentials(
  text: string,
  secret: UpstreamSecret,
  { requestIdHeader }: Pick<Upstream, 'requestIdHeader'>,
): Credentials {
  if (!secret.extraHeaders || !text.trimStart().startsWith('{')) return { token: text, headers: {} }
  const expectIn = (isRight: boolean, expected: string, got: string) => {
    if (isRight) return
    const message = `the secret ${secret.parameter}: expected ${expected}, got ${got}`
    throw new RefreshError('secret', message, { scope: 'provider' })
  }
  const json = parsedObject(text)
  const { token, headers = {}, ...others } = json ?? {}
  expectIn(json !== undefined, 'the key, or JSON with token and headers', 'broken JSON')
  expectIn(Object.keys(others).length === 0, 'token and headers only', 'further members')
  expectIn(typeof token === 'string' && token !== '', 'a text as token', 'none')
  expectIn(isObject(headers), 'an object as headers', 'another value')
  const reserved = [...RESERVED, secret.header, requestIdHeader]
  const names = new Set<string>()
  Object.entries(headers as object).forEach(([name, value], index) => {
    const lower = name.toLowerCase()
    const at = `at position ${index + 1}`
    expectIn(HEADER_NAME.test(name), 'names of headers', `an illegal one ${at}`)
    expectIn(!reserved.includes(lower), 'headers that no call has already', `one that each call has ${at}`)
    expectIn(!names.has(lower), 'each header once', `one again ${at}`)
    expectIn(typeof value === 'string' && HEADER_VALUE.test(value), 'legal values', `an illegal one ${at}`)
    names.add(lower)
  })
  const sent = Object.entries(headers as Record<string, string>)
  return {
    token: token as string,
    headers: Object.fromEntries(sent.map(([name, value]) => [name.toLowerCase(), value])),
  }
}

/** @see RFC 9110, section 5.6.2 */
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/
const HEADER_VALUE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/

/** Headers that frame a message, or that depend on what is stored. */
const RESERVED = [
  'accept-encoding',
  'connection',
  'content-length',
  'content-type',
  'expect',
  'host',
  'if-modified-since',
  'if-none-match',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

function parsedObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const json: unknown = JSON.parse(text)
    return isObject(json) ? json : undefined
  } catch {
    // the parser's message quotes the text
    return undefined
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
