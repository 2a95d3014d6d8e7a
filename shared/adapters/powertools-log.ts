import { Logger } from '@aws-lambda-powertools/logger'
import type { Log, LogFields } from '#shared/domain/ports/log.ts'

/** The structured log of a function: powertools' JSON lines, fields beside the message. */
export function powertoolsLog(service: string): Log {
  const logger = new Logger({ serviceName: service })
  const say = (level: keyof Log) => (message: string, fields?: LogFields) => {
    if (fields) logger[level](message, fields)
    else logger[level](message)
  }
  return { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') }
}
