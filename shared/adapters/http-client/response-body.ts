import type { IncomingMessage } from 'node:http'
import {
  type BrotliDecompress,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  type Gunzip,
  type Inflate,
} from 'node:zlib'
import { defined } from '#shared/domain/defined.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import { type HttpResponse, isSuccessStatus, MAX_ERROR_BYTES } from '#shared/domain/ports/http.ts'

/** The body of a response as text, and why it could not be read to its end. */
type ResponseBody = Pick<HttpResponse, 'body' | 'bodyFailure'>

/**
 * Reads the body of one response as text: decompressed, UTF-8, byte order mark dropped, invalid bytes as U+FFFD.
 *
 * The limit counts decompressed bytes as they arrive, so memory never exceeds it by more than one chunk; each
 * chunk becomes text at once. The body of an
 * error response is cut at its limit. A body that fails is part of the result, because the status still holds; its
 * connection is destroyed.
 */
export class BodyReader {
  readonly #response: IncomingMessage
  readonly #isSuccess: boolean
  readonly #maxBytes: number
  readonly #coding: string
  readonly #decoder: BrotliDecompress | Gunzip | Inflate | undefined
  readonly #result = Promise.withResolvers<ResponseBody>()
  readonly #text = new TextDecoder()
  #body = ''
  #receivedBytes = 0
  #decodedBytes = 0

  /** @param maxBytes - limit of a successful response; that of an error response is fixed */
  constructor(response: IncomingMessage, maxBytes: number) {
    this.#response = response
    this.#isSuccess = isSuccessStatus(response.statusCode ?? 0)
    this.#maxBytes = this.#isSuccess ? maxBytes : MAX_ERROR_BYTES
    this.#coding = contentCoding(response)
    this.#decoder = DECODERS.get(this.#coding)?.()
  }

  /** Never rejects. */
  read(): Promise<ResponseBody> {
    const response = this.#response
    const body = this.#decoder ? response.pipe(this.#decoder) : response
    response.on('error', (error) => this.end(connectionError(error)))
    this.#decoder?.on('error', (error) => this.#onDecoderError(error))
    const refused = this.#refusedByHeaders()
    if (refused) {
      this.end(refused)
      return this.#result.promise
    }
    response.on('data', (chunk: Buffer) => {
      this.#receivedBytes += chunk.length
    })
    body.on('data', (chunk: Buffer) => this.#onData(chunk))
    body.on('end', () => this.#onEnd())
    return this.#result.promise
  }

  /**
   * Ends the reading with what has arrived, and closes the connection.
   *
   * @param failure - why the rest cannot be read; `undefined` when it is not wanted
   */
  end(failure?: RefreshError): void {
    // the part of a success is no data
    const body = this.#isSuccess ? '' : this.#body
    this.#result.resolve({ body, ...defined({ bodyFailure: failure }) })
    this.#body = ''
    this.#response.destroy()
    this.#decoder?.destroy()
  }

  #refusedByHeaders(): RefreshError | undefined {
    if (this.#decoder) return undefined
    if (this.#coding !== 'identity')
      return malformedBody(
        'expected an uncompressed body or one compressed as gzip, deflate or br, got another coding',
      )
    const isTooLarge = Number(this.#response.headers['content-length']) > this.#maxBytes
    return this.#isSuccess && isTooLarge ? this.#tooLarge() : undefined
  }

  #onData(chunk: Buffer): void {
    const room = this.#maxBytes - this.#decodedBytes
    this.#decodedBytes += chunk.length
    if (chunk.length <= room) {
      this.#body += this.#text.decode(chunk, { stream: true })
    } else if (this.#isSuccess) {
      this.end(this.#tooLarge())
    } else if (room >= 0) {
      this.#body += this.#text.decode(chunk.subarray(0, room), { stream: true })
      this.end()
    }
  }

  #onEnd(): void {
    // Bytes after the end of a compressed stream stay unread, so that the connection cannot be reused.
    if (!this.#response.readableEnded) this.#response.destroy()
    this.#result.resolve({ body: this.#body + this.#text.decode() })
  }

  /** An empty body is not a valid compressed stream, but still an empty body. */
  #onDecoderError(error: Error): void {
    const message = `expected a body compressed as ${this.#coding}, got one that does not decompress`
    if (this.#receivedBytes === 0) this.#result.resolve({ body: '' })
    else this.end(malformedBody(message, error))
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
