/**
 * The run that an `Idempotency-Key`, or a piece of work of a task job, refers to: all requests under the same hash get
 * that run. Times are milliseconds since the Unix epoch.
 */
export interface Claim {
  /** Hash of the key or of the work. */
  readonly hash: string
  /** Hash of the request: another request under the same key is a conflict. */
  readonly requestHash: string
  readonly runId: string
  /** When the claim was first made; replacements keep it. */
  readonly createdAt: number
  /** When a process last took the claim; also its version, which every replacement increases. */
  readonly claimedAt: number
  /** Whether the request for the run was published on the bus. */
  readonly isPublished: boolean
  readonly expiresAt: number
}
