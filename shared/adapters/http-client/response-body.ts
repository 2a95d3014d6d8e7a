import type { IncomingMessage } from 'node:http'
import {
  type BrotliDecompress,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  type Gunzip,
  type Inflate,
} from 'node:zlib'
import { RefreshError } from '#shared/domain/errors.ts'

/**
 * Reads the body of a response as text: decompressed, UTF-8, byte order mark dropped, invalid bytes as U+FFFD.
 *
 * The limit counts decompressed bytes as they arrive, so memory never exceeds it by more than one chunk. On failure the
 * response and its connection are destroyed.
 *
 * @throws {RefreshError} `malformed` over the limit and for an unknown or broken compression; `network` (retryable) when
 *   the body ends early
 */
export function readBody(response: IncomingMessage, maxBytes: number): Promise<string> {
  return new BodyReader(response, maxBytes).read()
}

class BodyReader {
  readonly #response: IncomingMessage
  readonly #maxBytes: number
  readonly #coding: string
  readonly #decoder: BrotliDecompress | Gunzip | Inflate | undefined
  readonly #result = Promise.withResolvers<string>()
  #chunks: Buffer[] = []
  #receivedBytes = 0
  #decodedBytes = 0

  constructor(response: IncomingMessage, maxBytes: number) {
    this.#response = response
    this.#maxBytes = maxBytes
    this.#coding = contentCoding(response)
    this.#decoder = DECODERS.get(this.#coding)?.()
  }

  read(): Promise<string> {
    const response = this.#response
    const body = this.#decoder ? response.pipe(this.#decoder) : response
    response.on('error', (error) => this.#fail(connectionError(error)))
    this.#decoder?.on('error', (error) => this.#onDecoderError(error))
    const refused = this.#refusedByHeaders()
    if (refused) {
      this.#fail(refused)
      return this.#result.promise
    }
    response.on('data', (chunk: Buffer) => {
      this.#receivedBytes += chunk.length
    })
    body.on('data', (chunk: Buffer) => this.#onData(chunk))
    body.on('end', () => this.#onEnd())
    return this.#result.promise
  }

  #refusedByHeaders(): RefreshError | undefined {
    if (this.#decoder) return undefined
    if (this.#coding !== 'identity')
      return malformedBody(
        'expected an uncompressed body or one compressed as gzip, deflate or br, got another coding',
      )
    return Number(this.#response.headers['content-length']) > this.#maxBytes ? this.#tooLarge() : undefined
  }

  #onData(chunk: Buffer): void {
    this.#decodedBytes += chunk.length
    if (this.#decodedBytes > this.#maxBytes) this.#fail(this.#tooLarge())
    else this.#chunks.push(chunk)
  }

  #onEnd(): void {
    // Bytes after the end of a compressed stream stay unread, so that the connection cannot be reused.
    if (!this.#response.readableEnded) this.#response.destroy()
    this.#result.resolve(new TextDecoder().decode(Buffer.concat(this.#chunks)))
  }

  /** An empty body is not a valid compressed stream, but still an empty body. */
  #onDecoderError(error: Error): void {
    const message = `expected a body compressed as ${this.#coding}, got one that does not decompress`
    if (this.#receivedBytes === 0) this.#result.resolve('')
    else this.#fail(malformedBody(message, error))
  }

  #fail(error: RefreshError): void {
    this.#result.reject(error)
    this.#chunks = []
    this.#response.destroy()
    this.#decoder?.destroy()
  }

  #tooLarge(): RefreshError {
    return malformedBody(`expected a body of at most ${this.#maxBytes} bytes, got a larger one`)
  }
}

const DECODERS: ReadonlyMap<string, () => BrotliDecompress | Gunzip | Inflate> = new Map([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
])

function contentCoding(response: IncomingMessage): string {
  return response.headers['content-encoding']?.trim().toLowerCase() || 'identity'
}

function malformedBody(message: string, cause?: Error): RefreshError {
  return new RefreshError('malformed', message, cause && { cause })
}

/**
 * Converts a socket, resolver, TLS or HTTP parser error.
 *
 * A certificate error is final, because another attempt meets the same certificate; the others are retryable. The message
 * contains the error's code only. Certificate and parser errors are not kept as `cause`, because they contain the
 * certificate or raw bytes of the response.
 */
export function connectionError(error: NodeJS.ErrnoException): RefreshError {
  if (error instanceof RefreshError) return error
  const code = error.code ?? error.name
  if (CERTIFICATE.test(code)) {
    return new RefreshError('certificate', `expected a trusted certificate, got ${code}`, {
      scope: 'provider',
    })
  }
  if (code.startsWith('HPE_')) {
    return new RefreshError(
      'malformed',
      `expected an HTTP/1.1 response, got one that does not parse (${code})`,
    )
  }
  return new RefreshError('network', `expected a response, got a failed connection (${code})`, {
    retryable: true,
    cause: error,
  })
}

/**
 * Codes of a failed verification.
 *
 * @see https://nodejs.org/api/tls.html#x509-certificate-error-codes
 */
const CERTIFICATE =
  /^(?:CERT_|CRL_|DEPTH_ZERO_|ERROR_IN_C|ERR_TLS_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|SELF_SIGNED_|UNABLE_TO_)/
