import type { Clock } from '#shared/domain/ports/clock.ts'
import type { Log, LogFields } from '#shared/domain/ports/log.ts'
import { isoText } from '#shared/domain/time.ts'

/**
 * The structured log of the reads function: the same lines as Powertools, which would exceed that bundle's size budget.
 * Reads log warnings and errors only.
 */
export function consoleLog(service: string, clock: Clock): Pick<Log, 'warn' | 'error'> {
  const write =
    (level: string) =>
    (message: string, fields: LogFields = {}) => {
      const timestamp = isoText(clock.now())
      const line = { level, message, service, timestamp, ...serializableFields(fields) }
      process.stdout.write(`${JSON.stringify(line)}\n`)
    }
  return { warn: write('WARN'), error: write('ERROR') }
}

/** Copies name, message and stack of errors, which are not enumerable. */
function serializableFields(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) =>
      value instanceof Error
        ? [name, { name: value.name, message: value.message, stack: value.stack }]
        : [name, value],
    ),
  )
}
