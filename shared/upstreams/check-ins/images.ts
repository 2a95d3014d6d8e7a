/** Query parameters of a signed address: until when it is valid, in epoch seconds, and its signature. */
const EXPIRY = 'e'
const SIGNATURE = 'token'

/**
 * An address of an image while it can be fetched.
 *
 * @param now - milliseconds since the epoch
 * @returns `null` for no address, and for a signed one that has expired
 */
export function usableImage(address: string | null, now: number): string | null {
  if (address === null) return null
  const expiry = new URL(address).searchParams.get(EXPIRY)
  const hasExpired = expiry !== null && /^\d{1,12}$/.test(expiry) && Number(expiry) * 1_000 <= now
  return hasExpired ? null : address
}

/** An address of an image without what changes with each signature, to compare two of them. */
export function imageIdentity(address: string | null): string | null {
  if (address === null) return null
  const url = new URL(address)
  url.searchParams.delete(EXPIRY)
  url.searchParams.delete(SIGNATURE)
  return url.href
}
