import { assertNever } from '#shared/domain/errors.ts'

/**
 * What goes wrong with one call, complete: whoever carries it out has nothing left to choose. Shares are of a whole, in
 * [0, 1).
 */
export type Fault = ContentFault | DeliveryFault

/** What is said is wrong; it arrives whole. */
type ContentFault =
  | { readonly kind: 'status'; readonly status: 404 | 500 | 503 }
  | { readonly kind: 'rate-limited'; readonly retryAfterS: number }
  /** A page in place of data, under 200. */
  | { readonly kind: 'html' }
  | { readonly kind: 'empty' }
  /** JSON that stops short, in an HTTP message that does not. */
  | { readonly kind: 'truncated'; readonly share: number }
  /** One member is missing: the one at this share of all. */
  | { readonly kind: 'drift'; readonly share: number }
  /** Every amount is this one. */
  | { readonly kind: 'absurd'; readonly amount: number }
  /** True, but of so long ago. */
  | { readonly kind: 'older'; readonly byMs: number }

/** What is said is right; the connection is not. */
type DeliveryFault =
  | { readonly kind: 'reset' }
  /** Reset in mid-body, after this share of it. */
  | { readonly kind: 'cut'; readonly share: number }
  | { readonly kind: 'hang' }
  | { readonly kind: 'late'; readonly byMs: number }
  /** A byte now and then. */
  | { readonly kind: 'trickle'; readonly everyMs: number }

/** A fault for a person. */
export function faultText(fault: Fault): string {
  switch (fault.kind) {
    case 'status':
      return `status ${fault.status}`
    case 'rate-limited':
      return `status 429, Retry-After: ${fault.retryAfterS}`
    case 'html':
      return 'HTML under 200'
    case 'empty':
      return 'an empty object'
    case 'truncated':
      return 'truncated JSON'
    case 'drift':
      return 'a member missing'
    case 'absurd':
      return `absurd amounts: ${fault.amount}`
    case 'older':
      return `an older answer, by ${Math.round(fault.byMs / 60_000)} minutes`
    case 'reset':
      return 'connection reset'
    case 'cut':
      return 'connection reset in mid-body'
    case 'hang':
      return 'no answer at all'
    case 'late':
      return `late by ${fault.byMs} ms`
    case 'trickle':
      return `slow body, a byte every ${fault.everyMs} ms`
    default:
      return assertNever(fault)
  }
}
