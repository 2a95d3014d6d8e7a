import { printable } from './printable.ts'

const PRINTED_LEVELS = ['WARN', 'ERROR', 'CRITICAL']
const MAX_LINE_LENGTH = 500

/** A log line as an object; `undefined` for text that is none. */
export function logRecord(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/**
 * One line for a person from one line of a function: what became of a run, a warning, an error, or text that is no log
 * line at all. Metrics and quiet lines give nothing. What came from outside cannot steer the terminal.
 *
 * @param now - the time of lines that name none; milliseconds since the epoch
 */
export function consoleLine(functionName: string, line: string, now: number): string | undefined {
  const record = logRecord(line)
  if (!record) return line.trim() === '' ? undefined : columns(clockTime(now), functionName, line)
  if ('_aws' in record) return undefined
  const { timestamp, job, outcome, reason, duration_ms: duration, message, detail, level } = record
  const time = clockTime(typeof timestamp === 'string' ? Date.parse(timestamp) : now)
  const said = [message, detail].filter((part) => typeof part === 'string' && part !== '').join(': ')
  if (typeof outcome === 'string') {
    const ended = typeof reason === 'string' ? `${outcome} (${reason})` : outcome
    return columns(time, String(job ?? functionName), ended, durationText(duration), said)
  }
  return PRINTED_LEVELS.includes(String(level))
    ? columns(time, String(job ?? functionName), String(level), said)
    : undefined
}

/** Local time of day: `14:03:07`. */
export function clockTime(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toTimeString().slice(0, 8) : '--:--:--'
}

function columns(...parts: readonly string[]): string {
  const text = printable(parts.filter((part) => part !== '').join('  '))
  return text.length <= MAX_LINE_LENGTH ? text : `${text.slice(0, MAX_LINE_LENGTH)}…`
}

function durationText(ms: unknown): string {
  if (typeof ms !== 'number') return ''
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
}
