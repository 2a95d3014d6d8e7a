/**
 * One accepted change: who, what, when, and what it changed. Kept for 400 days.
 * Times are milliseconds since the Unix epoch.
 */
export interface AuditEntry {
  readonly id: string
  readonly at: number
  readonly actor: string
  /** What was done: `pause`, `resume`, `invalidate`, … */
  readonly action: string
  /** Whose: `job:global-market`, `upstream:coingecko`. */
  readonly subject: string
  /** As JSON; absent where nothing was there. */
  readonly before?: string
  readonly after?: string
}
