import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** A certificate of an authority nobody knows, from a package that ships one. */
export function untrustedCertificate(): { key: Buffer; cert: Buffer } {
  const { resolve } = createRequire(import.meta.url)
  const read = (name: string) => readFileSync(resolve(`dynalite/ssl/${name}`))
  return { key: read('server-key.pem'), cert: read('server-crt.pem') }
}
