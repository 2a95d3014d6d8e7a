/** What an operator's `Idempotency-Key` stands for: one promised run. Times are milliseconds since the Unix epoch. */
export interface KeyedTrigger {
  /** Hash of the key. */
  readonly hash: string
  /** Hash of what was asked for under it. */
  readonly asked: string
  readonly runId: string
  /** When somebody last took it upon himself to say it on the bus. */
  readonly at: number
  /** Whether the bus took it. */
  readonly isSaid: boolean
  readonly expiresAt: number
}
