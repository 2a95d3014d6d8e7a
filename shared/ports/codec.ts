import { createHash } from 'node:crypto'
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'

/** Above it, compression costs milliseconds a body for a few percent of its size. */
const QUALITY = 5

/** Text as brotli bytes. */
export function compress(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'utf8')
  return brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  })
}

/** @throws when the bytes are not brotli */
export function decompress(bytes: Uint8Array): Buffer {
  return brotliDecompressSync(bytes)
}

/** A short hash of a payload, for an entity tag: 132 bits of SHA-256, base64url. */
export function hashOf(payload: string | Uint8Array): string {
  return createHash('sha256').update(payload).digest('base64url').slice(0, 22)
}
