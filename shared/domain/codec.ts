import { createHash } from 'node:crypto'
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'

/** Above 5, compression costs milliseconds a body for a few percent of its size; 1 costs an eighth of 5. */
const QUALITY = { 'for storing': 5, 'in haste': 1 }

/** Text as brotli bytes; in haste where a reader waits and the bytes are not kept. */
export function compress(text: string, how: keyof typeof QUALITY = 'for storing'): Uint8Array {
  const bytes = Buffer.from(text, 'utf8')
  return brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: QUALITY[how],
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
