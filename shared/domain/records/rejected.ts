import type { FailReason } from '../errors.ts'

/**
 * A rejected body, stored for operators and for a validation that requires two matching values.
 * Times are milliseconds since the Unix epoch.
 */
export interface RejectedRecord {
  readonly key: string
  readonly runId: string
  readonly rejectedAt: number
  readonly reason: FailReason
  readonly message: string
  /** Redacted and truncated. */
  readonly body: string
  /** The parsed value as JSON, when parsing succeeded. */
  readonly value?: string
  readonly expiresAt: number
}
