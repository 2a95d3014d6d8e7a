import { createHash } from 'node:crypto'
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'

/** Brotli quality: above 5, a body costs milliseconds more for a few percent of its size; 1 takes an eighth of the time of 5. */
const QUALITY = { 'for storing': 5, 'in haste': 1 }

/** Text as brotli bytes; `in haste` for a response that is compressed while a reader waits, and not stored. */
export function compress(text: string, speed: keyof typeof QUALITY = 'for storing'): Uint8Array {
  const bytes = Buffer.from(text, 'utf8')
  return brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: QUALITY[speed],
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
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
