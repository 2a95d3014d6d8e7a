import { Logger } from '@aws-lambda-powertools/logger'
import type { Log, LogFields } from '#shared/domain/ports/log.ts'

/** The structured log of a function: JSON lines of Powertools, with the fields at the top level. */
export function powertoolsLog(service: string): Log {
  const logger = new Logger({ serviceName: service })
  const write = (level: keyof Log) => (message: string, fields?: LogFields) => {
    if (fields) logger[level](message, fields)
    else logger[level](message)
  }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}
