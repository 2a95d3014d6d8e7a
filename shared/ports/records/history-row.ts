import type { JsonValue } from '#shared/engine/refresh.ts'

/** One row of what was. Times are milliseconds since the Unix epoch. */
export interface HistoryRow {
  readonly kind: string
  readonly entity: string
  readonly at: number
  readonly data: JsonValue
  readonly expiresAt: number
}
