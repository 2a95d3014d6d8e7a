import { MINUTE_MS } from '#shared/domain/duration.ts'
import { assertNever } from '#shared/domain/errors.ts'

/** The fault of one call, with all its parameters. A `share` is in [0, 1). */
export type Fault = ContentFault | DeliveryFault

/** The response is wrong; it arrives completely. */
type ContentFault =
  | { readonly kind: 'status'; readonly status: 404 | 500 | 503 }
  | { readonly kind: 'rate-limited'; readonly retryAfterS: number }
  /** An HTML page with status 200. */
  | { readonly kind: 'html' }
  | { readonly kind: 'empty' }
  /** Truncated JSON in a complete HTTP message. */
  | { readonly kind: 'truncated'; readonly share: number }
  /** One member is missing: the one at this share of all members. */
  | { readonly kind: 'drift'; readonly share: number }
  /** Every amount in the body is replaced by this one. */
  | { readonly kind: 'absurd'; readonly amount: number }
  /** A correct response of an earlier time. */
  | { readonly kind: 'older'; readonly byMs: number }

/** The response is correct; the connection fails. */
type DeliveryFault =
  | { readonly kind: 'reset' }
  /** Reset after this share of the body. */
  | { readonly kind: 'cut'; readonly share: number }
  | { readonly kind: 'hang' }
  | { readonly kind: 'late'; readonly byMs: number }
  /** One byte at a time. */
  | { readonly kind: 'trickle'; readonly intervalMs: number }

/** The fault as text for the operator. */
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
      return 'a missing member'
    case 'absurd':
      return `absurd amounts: ${fault.amount}`
    case 'older':
      return `a response of ${Math.round(fault.byMs / MINUTE_MS)} minutes ago`
    case 'reset':
      return 'connection reset'
    case 'cut':
      return 'connection reset in mid-body'
    case 'hang':
      return 'no response at all'
    case 'late':
      return `late by ${fault.byMs} ms`
    case 'trickle':
      return `slow body, a byte every ${fault.intervalMs} ms`
    default:
      return assertNever(fault)
  }
}
