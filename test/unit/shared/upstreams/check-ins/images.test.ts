import { describe, expect, it } from 'vitest'
import { imageIdentity, usableImage } from '#shared/upstreams/check-ins/images.ts'

const EXPIRY_S = 1_764_518_399
const SIGNED = `https://images.test/x?size=1&e=${EXPIRY_S}&token=abc:def=`

describe('the address of an image', () => {
  it('is usable until the second in which its signature expires', () => {
    expect(usableImage(SIGNED, EXPIRY_S * 1_000 - 1)).toBe(SIGNED)
    expect(usableImage(SIGNED, EXPIRY_S * 1_000)).toBeNull()
  })

  it('is always usable without a time of expiry', () => {
    expect(usableImage('https://images.test/x', EXPIRY_S * 1_000)).toBe('https://images.test/x')
    expect(usableImage('https://images.test/x?e=small', EXPIRY_S * 1_000)).toBe(
      'https://images.test/x?e=small',
    )
    expect(usableImage(null, 0)).toBeNull()
  })

  it('is identified without its signature, and with everything else', () => {
    const later = SIGNED.replace(String(EXPIRY_S), '1764604799').replace('abc', 'xyz')

    expect(imageIdentity(later)).toBe(imageIdentity(SIGNED))
    expect(imageIdentity(SIGNED)).toBe('https://images.test/x?size=1')
    expect(imageIdentity(SIGNED.replace('size=1', 'size=2'))).not.toBe(imageIdentity(SIGNED))
    expect(imageIdentity(null)).toBeNull()
  })
})
