import { DAY_MS } from '../duration.ts'

/** For how long audit entries are stored. */
export const AUDIT_RETENTION_MS = 400 * DAY_MS

/**
 * One accepted change by an operator, stored for 400 days.
 * Times are milliseconds since the Unix epoch.
 */
export interface AuditEntry {
  readonly id: string
  readonly at: number
  readonly actor: string
  /** `pause`, `resume`, `invalidate`, … */
  readonly action: string
  /** What was changed: `job:global-market`, `upstream:coingecko`. */
  readonly subject: string
  /** In the operator's own words; absent when none was given. */
  readonly reason?: string
  /** State before the change, as JSON; absent when there was none. */
  readonly before?: string
  /** State after the change, as JSON; absent when there is none. */
  readonly after?: string
}
