import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { closeServer, listen, readBody } from '#infra/command/http-server.ts'
import type { OnCleanup } from '#test/support/temporary/cleanup.ts'

/** What a system has received. */
interface ReceivedRequest {
  readonly method: string
  /** As it came. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly signature: 'valid' | 'wrong' | 'none'
}

interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Keys that the system knows. */
export const KEYS = { accessKeyId: 'AKIASYSTEM', secretAccessKey: 'the secret of the system' }
export const REGION = 'eu-central-1'

const DOCUMENT =
  '<!doctype html>\n<html lang="en"><head><link rel="preload" href="/datasets" as="fetch" /></head></html>'

/** Public paths need no signature, all others a valid one. */
function defaultAnswer({ target, signature }: ReceivedRequest): Answer {
  if (target === '/') return { status: 200, headers: PAGE_HEADERS, body: DOCUMENT }
  const isPublic = target.startsWith('/ui/') || target.startsWith('/api/')
  if (!isPublic && signature !== 'valid') return { status: 403, body: '{"message":"Forbidden"}' }
  return { status: 200, headers: { 'content-type': 'application/json', etag: 'W/"1"' }, body: '{"ok":true}' }
}

/** The content security policy of the page. */
export const POLICY = "default-src 'self'"
const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': POLICY,
  'cache-control': 'no-cache',
  etag: 'W/"page"',
}

/** A system that checks the signature of each request as AWS documents it, and answers as `answers.next` says. */
export async function signedSystem(atEnd: OnCleanup) {
  const requests: ReceivedRequest[] = []
  const answers: { next: (request: ReceivedRequest) => Answer } = { next: defaultAnswer }
  const server = createServer(async (request, response) => {
    const body = (await readBody(request, 20_000_000)) ?? Buffer.alloc(0)
    const { method = '', url: target = '', headers } = request
    const received = { method, target, headers, body, signature: signatureOf(request, body) }
    requests.push(received)
    const { status, headers: answered, body: text = '' } = answers.next(received)
    response.writeHead(status, answered)
    response.end(text)
  })
  const origin = await listen(server)
  const close = () => closeServer(server)
  atEnd(() => (server.listening ? close() : Promise.resolve()))
  return { url: new URL(origin), requests, answers, close }
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8}\/[\w-]+\/execute-api\/aws4_request), SignedHeaders=([\w;-]+), Signature=(\w+)$/

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function signatureOf(request: IncomingMessage, body: Buffer): ReceivedRequest['signature'] {
  const { authorization } = request.headers
  if (authorization === undefined) return 'none'
  const [, id, scope = '', names = '', signature] = AUTHORIZATION.exec(authorization) ?? []
  const canonical = canonicalRequest(request, names, body)
  const text = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, sha256(canonical)].join('\n')
  const key = scope
    .split('/')
    .reduce((secret: string | Buffer, part) => hmac(secret, part), `AWS4${KEYS.secretAccessKey}`)
  const expected = hmac(key, text).toString('hex')
  return id === KEYS.accessKeyId && scope.includes(REGION) && signature === expected ? 'valid' : 'wrong'
}

function canonicalRequest({ method, url = '', headers }: IncomingMessage, names: string, body: Buffer) {
  const [path = '', query = ''] = url.split(/\?(.*)/s, 2)
  // redundant parts of a path are not signed; each part of it is encoded once more
  const parts = path.split('/').filter((part) => part !== '')
  const end = path.endsWith('/') && parts.length > 0 ? '/' : ''
  const pairs = query
    .split('&')
    .filter((pair) => pair !== '')
    .map(canonicalPair)
  return [
    method,
    `/${parts.map(encoded).join('/')}${end}`,
    pairs
      .toSorted((a, b) => compare(a.name, b.name) || compare(a.value, b.value))
      .map(({ name, value }) => `${name}=${value}`)
      .join('&'),
    ...names.split(';').map((name) => `${name}:${String(headers[name]).trim()}`),
    '',
    names,
    sha256(body),
  ].join('\n')
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

function canonicalPair(pair: string) {
  const [name = '', value = ''] = pair.split(/=(.*)/s, 2)
  const decoded = (text: string) => decodeURIComponent(text.replaceAll('+', ' '))
  return { name: encoded(decoded(name)), value: encoded(decoded(value)) }
}

/** All but letters, digits, and `-._~`. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
