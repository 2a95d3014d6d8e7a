import { createHash } from 'node:crypto'

/** Brotli quality: above 5, a body costs milliseconds more for a few percent of its size; 1 takes an eighth of the time of 5. */
const QUALITY = { 'for storing': 5, 'in haste': 1 }

/** Loaded at the first use: most reads pass stored bytes on, and a function that loads it starts later. */
const zlib = () => process.getBuiltinModule('node:zlib')

/** Text as brotli bytes; `in haste` for a response that is compressed while a reader waits, and not stored. */
export function compress(text: string, speed: keyof typeof QUALITY = 'for storing'): Uint8Array {
  const bytes = Buffer.from(text, 'utf8')
  const { brotliCompressSync, constants } = zlib()
  return brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: QUALITY[speed],
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  })
}

/** @throws when the bytes are not brotli */
export function decompress(bytes: Uint8Array): Buffer {
  return zlib().brotliDecompressSync(bytes)
}

/** A short hash of a payload, for an entity tag: 132 bits of SHA-256, base64url. */
export function hashOf(payload: string | Uint8Array): string {
  return createHash('sha256').update(payload).digest('base64url').slice(0, 22)
}

/**
 * Checks that a stored body is as it was written: by its checksum, or, if it was stored without one, by decoding it.
 *
 * @param checksum - `hashOf(body)` when it was written
 * @throws {TypeError} when the body has another checksum or is not an object or a list
 * @throws {Error} when it is not brotli, or not JSON
 */
export function verifyBody(body: Uint8Array, checksum: string | undefined): void {
  if (checksum !== undefined) {
    expectChecksum(body, checksum)
    return
  }
  const json: unknown = JSON.parse(decompress(body).toString('utf8'))
  if (typeof json !== 'object' || json === null)
    throw new TypeError(`expected an object or a list, got ${json}`)
}

/** @throws {TypeError} when a stored payload has another checksum than when it was written */
export function expectChecksum(payload: string | Uint8Array, checksum: string): void {
  const actual = hashOf(payload)
  if (actual !== checksum) throw new TypeError(`expected the checksum ${checksum}, got ${actual}`)
}
