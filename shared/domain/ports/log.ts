export type LogFields = Record<string, unknown>

/** Structured log: one JSON object a line, `message` first, then the fields. */
export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}
