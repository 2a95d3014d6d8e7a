import type { FailReason } from '../errors.ts'

/**
 * A rejected body, kept for the operator and for a gate that wants two readings to agree.
 * Times are milliseconds since the Unix epoch.
 */
export interface RejectedRecord {
  readonly key: string
  readonly runId: string
  readonly rejectedAt: number
  readonly reason: FailReason
  readonly message: string
  /** Redacted and capped. */
  readonly body: string
  /** The parsed value, as JSON, where parsing succeeded. */
  readonly value?: string
  readonly expiresAt: number
}
