/** What an operator's `Idempotency-Key` stands for: one promised run. Times are milliseconds since the Unix epoch. */
export interface Claim {
  /** Hash of the key. */
  readonly hash: string
  /** Hash of what was asked for under it. */
  readonly requestHash: string
  readonly runId: string
  /** When somebody last took it upon himself to say it on the bus. */
  readonly claimedAt: number
  /** Whether the bus took it. */
  readonly isPublished: boolean
  readonly expiresAt: number
}
