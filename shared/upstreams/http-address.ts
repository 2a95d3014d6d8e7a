const MAX_ADDRESS_LENGTH = 2_000

/**
 * An address as it may be stored and linked: http or https, at most 2,000 characters, without user info and control
 * characters. `null` for any other value.
 */
export function httpAddress(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > MAX_ADDRESS_LENGTH || /[\p{Cc}\p{Cf}]/u.test(value))
    return null
  const url = URL.parse(value.trim())
  if (!url || !['http:', 'https:'].includes(url.protocol)) return null
  return url.username === '' && url.password === '' ? url.href : null
}
