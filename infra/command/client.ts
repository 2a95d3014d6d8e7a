import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'

/** A response as it came over the wire: the body is not decoded. */
export interface SmokeResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
}

interface SmokeRequest {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Milliseconds without a byte of the response after which it fails; 15 s by default. */
  readonly timeoutMs?: number
}

/** How an operator proves who it is. */
export type Signer = (
  url: URL,
  request: { readonly method: string; readonly body: string | Uint8Array },
) => Promise<Record<string, string>>

const TIMEOUT_MS = 15_000

/**
 * Sends one request and reads the whole response.
 *
 * @throws what the connection throws, and an error after `timeoutMs` without a response
 */
export function send(
  url: URL,
  { method = 'GET', headers = {}, body = '', timeoutMs = TIMEOUT_MS }: SmokeRequest = {},
): Promise<SmokeResponse> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, timeout: timeoutMs }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers as SmokeResponse['headers'],
          body: Buffer.concat(chunks),
        }),
      )
    })
    outgoing.on('timeout', () =>
      outgoing.destroy(new Error(`expected a response within ${timeoutMs} ms, got none`)),
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** Operators that present a token: a JWT, or the token that `npm start` prints. */
export function bearerSigner(token: string): Signer {
  return async () => ({ authorization: `Bearer ${token}` })
}

/** AWS credentials. */
export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** The credentials of now: those that expire are renewed by their source. Rejects if there are none. */
export type AwsCredentialsProvider = () => Promise<AwsCredentials>

/**
 * Requests that are signed with AWS credentials, by Signature Version 4: for the API by default. A query is signed as HTML
 * forms decode it: `+` is a space, and a name may have several values.
 *
 * @throws (each signature) what `credentials` throws
 */
export function awsSigner(
  credentials: AwsCredentialsProvider,
  region: string,
  service = 'execute-api',
): Signer {
  return async (url, { method, body }) => {
    // only where it is needed: loading it takes a tenth of a second
    const { SignatureV4 } = await import('@smithy/signature-v4')
    const signer = new SignatureV4({ service, region, credentials, sha256: NodeSha256 })
    const { headers } = await signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: queryOf(url.searchParams),
      headers: { host: url.host },
      body,
    })
    return headers
  }
}

function queryOf(parameters: URLSearchParams): Record<string, string[]> {
  const names = [...new Set(parameters.keys())]
  return Object.fromEntries(names.map((name) => [name, parameters.getAll(name)]))
}

/** The hash that the signer asks for. */
class NodeSha256 {
  readonly #hash: Hash | Hmac

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', toBytes(secret))
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(toBytes(data))
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }

  reset(): void {
    throw new Error('expected a hash for one use')
  }
}

function toBytes(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data)
  return data instanceof ArrayBuffer
    ? new Uint8Array(data)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}
