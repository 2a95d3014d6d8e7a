import type { Clock } from '#shared/domain/ports/clock.ts'
import type { Log, LogFields } from '#shared/domain/ports/log.ts'

/**
 * The structured log of the read function: the lines of {@link powertoolsLog} in a few bytes, because the logger does
 * not fit that bundle's budget and a read logs only what goes wrong.
 */
export function consoleLog(service: string, clock: Clock): Pick<Log, 'warn' | 'error'> {
  const say =
    (level: string) =>
    (message: string, fields: LogFields = {}) => {
      const timestamp = new Date(clock.now()).toISOString()
      const line = { level, message, service, timestamp, ...serializableFields(fields) }
      process.stdout.write(`${JSON.stringify(line)}\n`)
    }
  return { warn: say('WARN'), error: say('ERROR') }
}

/** Errors have no enumerable members: their name, message and stack are written out. */
function serializableFields(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) =>
      value instanceof Error
        ? [name, { name: value.name, message: value.message, stack: value.stack }]
        : [name, value],
    ),
  )
}
