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
 * Reads the body of an answer as text: decompressed, UTF-8, byte order mark dropped, invalid bytes as U+FFFD.
 *
 * The cap counts decompressed bytes while they stream, so what is held never exceeds it by more than one chunk. On
 * failure the answer is destroyed, and its connection with it.
 *
 * @throws {RefreshError} `malformed` over the cap, for an unknown or broken compression; `network` (retryable) when
 *   the body ends before its time
 */
export function readBody(answer: IncomingMessage, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const coding = contentCoding(answer)
    const decoder = DECODERS.get(coding)?.()
    const body = decoder ? answer.pipe(decoder) : answer
    const chunks: Buffer[] = []
    let received = 0
    let size = 0

    answer.on('error', (error) => fail(connectionError(error)))
    decoder?.on('error', (error) => {
      if (received === 0) resolve('')
      else
        fail(
          malformedBody(`expected a body compressed as ${coding}, got one that does not decompress`, error),
        )
    })
    if (!decoder && coding !== 'identity') {
      return fail(
        malformedBody('expected a body as it is or compressed as gzip, deflate or br, got another coding'),
      )
    }
    if (!decoder && Number(answer.headers['content-length']) > maxBytes) return fail(overCap())

    answer.on('data', (chunk: Buffer) => {
      received += chunk.length
    })
    body.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBytes) fail(overCap())
      else chunks.push(chunk)
    })
    body.on('end', () => {
      // Bytes after the end of a compressed stream stay unread: such a connection cannot be used again.
      if (!answer.readableEnded) answer.destroy()
      resolve(new TextDecoder().decode(Buffer.concat(chunks)))
    })

    function fail(error: RefreshError): void {
      reject(error)
      chunks.length = 0
      answer.destroy()
      decoder?.destroy()
    }

    function overCap(): RefreshError {
      return malformedBody(`expected a body of at most ${maxBytes} bytes, got a larger one`)
    }
  })
}

const DECODERS: ReadonlyMap<string, () => BrotliDecompress | Gunzip | Inflate> = new Map([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
])

function contentCoding(answer: IncomingMessage): string {
  return answer.headers['content-encoding']?.trim().toLowerCase() || 'identity'
}

function malformedBody(message: string, cause?: Error): RefreshError {
  return new RefreshError('malformed', message, cause && { cause })
}

/**
 * What a socket, resolver, TLS or HTTP parser error means for the run.
 *
 * A certificate that is not accepted is final: another attempt meets the same one. Everything else may pass. The
 * message names the error's code only. A certificate or parser error is no `cause`: those carry the certificate or
 * raw bytes of the answer.
 */
export function connectionError(error: NodeJS.ErrnoException): RefreshError {
  if (error instanceof RefreshError) return error
  const code = error.code ?? error.name
  if (CERTIFICATE.test(code)) {
    return new RefreshError('certificate', `expected a certificate to trust, got ${code}`, {
      scope: 'provider',
    })
  }
  if (code.startsWith('HPE_')) {
    return new RefreshError('malformed', `expected an HTTP/1.1 answer, got one that does not parse (${code})`)
  }
  return new RefreshError('network', `expected an answer, got a failed connection (${code})`, {
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
