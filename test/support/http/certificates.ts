import { generateKeyPairSync, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { onTestCleanup } from '#test/support/temporary/cleanup.ts'

/** A key and its certificate for 127.0.0.1, as PEM. */
export interface SelfSigned {
  readonly key: string
  readonly cert: string
}

/**
 * Makes a certificate that holds from one moment to another and is its own authority.
 *
 * @see RFC 5280, section 4.1
 */
export function selfSigned(from: Date, until: Date): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from('freshet test')))))
  const loopback = der(0x87, Buffer.from([127, 0, 0, 1]))
  const alternativeName = sequence(ALTERNATIVE_NAME, der(0x04, sequence(loopback)))
  const body = sequence(
    VERSION_3,
    der(0x02, Buffer.from([1])),
    sequence(ECDSA_WITH_SHA256),
    name,
    sequence(time(from), time(until)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(alternativeName)),
  )
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, privateKey))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: pem(sequence(body, sequence(ECDSA_WITH_SHA256), signature)),
  }
}

/** Makes this process trust an authority for the length of one test. */
export function trust({ cert }: SelfSigned): void {
  const before = getCACertificates('default')
  setDefaultCACertificates([...before, cert])
  onTestCleanup(async () => setDefaultCACertificates(before))
}

const VERSION_3 = Buffer.from('a003020102', 'hex')
const COMMON_NAME = Buffer.from('0603550403', 'hex')
const ALTERNATIVE_NAME = Buffer.from('0603551d11', 'hex')
const ECDSA_WITH_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex')

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return der(0x30, ...parts)
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

/** `261120100000Z`: years up to 2049. */
function time(at: Date): Buffer {
  return der(0x17, Buffer.from(`${at.toISOString().slice(2, 19).replaceAll(/\D/g, '')}Z`))
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

/** A certificate of an unknown authority, from a package that ships one. */
export function untrustedCertificate(): { key: Buffer; cert: Buffer } {
  const { resolve } = createRequire(import.meta.url)
  const read = (name: string) => readFileSync(resolve(`dynalite/ssl/${name}`))
  return { key: read('server-key.pem'), cert: read('server-crt.pem') }
}
