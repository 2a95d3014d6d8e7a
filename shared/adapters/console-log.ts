import type { Clock } from '#shared/domain/ports/clock.ts'
import type { Log, LogFields } from '#shared/domain/ports/log.ts'
import { isoText } from '#shared/domain/time.ts'

/**
 * The structured log of the reads function: the same lines as Powertools, which would exceed that bundle's size budget.
 *
 * @param level - the lowest level that is written; `DEBUG` writes a line for each hit
 */
export function consoleLog(service: string, clock: Clock, level: 'DEBUG' | 'INFO' = 'INFO'): Log {
  const write =
    (name: string) =>
    (message: string, fields: LogFields = {}) => {
      const timestamp = isoText(clock.now())
      const line = { level: name, message, service, timestamp, ...serializableFields(fields) }
      process.stdout.write(`${JSON.stringify(line)}\n`)
    }
  return {
    debug: level === 'DEBUG' ? write('DEBUG') : () => undefined,
    info: write('INFO'),
    warn: write('WARN'),
    error: write('ERROR'),
  }
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
