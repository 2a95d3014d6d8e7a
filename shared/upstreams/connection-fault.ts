import { RefreshError } from '#shared/domain/errors.ts'

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
