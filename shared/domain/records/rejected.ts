import type { FailReason } from '../errors.ts'

/**
 * A rejected body, kept for the operator and for a gate that wants two readings to agree.
 * Times are milliseconds since the Unix epoch.
 */
export interface Aside {
  readonly key: string
  readonly runId: string
  readonly at: number
  readonly reason: FailReason
  readonly message: string
  /** Redacted and capped. */
  readonly body: string
  /** The parsed value, as JSON, where parsing succeeded. */
  readonly value?: string
  readonly expiresAt: number
}
