import { expect, it } from 'vitest'
import { connectionError } from '#shared/adapters/http-client/response-body.ts'
import { RefreshError } from '#shared/domain/errors.ts'

it.each([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'HOSTNAME_MISMATCH',
  'INVALID_PURPOSE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])('%s ends the calls to the provider and keeps the certificate out of the error', (code) => {
  const fault = connectionError(coded(code))

  expect(fault).toMatchObject({ reason: 'certificate', retryable: false, scope: 'provider' })
  expect(fault.message).toContain(code)
  expect(fault.cause).toBeUndefined()
})

it.each([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'EPROTO', 'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR'],
])('%s may pass: another attempt is worth it', (code) => {
  const error = coded(code)

  expect(connectionError(error)).toMatchObject({ reason: 'network', retryable: true, cause: error })
})

it('an answer that does not parse is malformed and its bytes stay out of the error', () => {
  const fault = connectionError(Object.assign(coded('HPE_INVALID_CONSTANT'), { rawPacket: Buffer.from('x') }))

  expect(fault).toMatchObject({ reason: 'malformed', retryable: false })
  expect(fault.cause).toBeUndefined()
})

it('a refusal made in the lookup stays the refusal it was', () => {
  const refusal = new RefreshError('refused', 'private address')

  expect(connectionError(refusal)).toBe(refusal)
})

function coded(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error('failed'), { code })
}
