const MAX_WAIT_MS = 72 * 3_600_000

/**
 * Milliseconds that a `Retry-After` header asks for: whole seconds or an HTTP date, clamped to 0…72 h.
 *
 * @returns `undefined` when there is none or it is neither (RFC 9110, section 10.2.3)
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? ''
  if (/^-?\d{1,12}$/.test(text)) return clamp(Number(text) * 1_000)
  const date = /^[A-Za-z]{3}, \d{2} [A-Za-z]{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)
    ? Date.parse(text)
    : Number.NaN
  return Number.isNaN(date) ? undefined : waitUntil(date, now)
}

/** Milliseconds from now until a moment that a provider names, clamped like those of a header. */
export function waitUntil(at: number, now: number): number {
  return clamp(at - now)
}

function clamp(ms: number): number {
  return Math.min(Math.max(ms, 0), MAX_WAIT_MS)
}
