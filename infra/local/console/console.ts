import { InvocationError } from '../functions/function-worker.ts'

interface ConsoleOptions {
  /** Shows one line. */
  readonly print: (line: string) => void
  /** Keeps one line of JSON. */
  readonly writeLog: (line: string) => void
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** What the operator of one machine sees and what is kept of it. */
export interface LocalConsole {
  /** A line that a function wrote: kept as it is, shown when it says how a run ended, warns or fails. */
  functionLine(functionName: string, line: string): void
  /** Something went wrong around the functions. */
  fault(where: string, error: unknown): void
  /** An asynchronous invocation failed: it is not repeated, and lies in a queue of dead letters in a deployment. */
  deadLetter(functionName: string, event: object, error: unknown): void
  /** Something worth knowing that is nobody's fault. */
  note(message: string, fields: object): void
  /** Somebody who is no operator asked as one. Kept only: whoever asks often enough could flood the screen. */
  accessDenied(refusal: object): void
  /** Kept only. */
  debug(message: string, fields: object): void
}

/** Turns what happens into lines for a person and lines of JSON. */
export function localConsole({ print, writeLog, now }: ConsoleOptions): LocalConsole {
  const record = (level: string, message: string, fields: object) =>
    writeLog(JSON.stringify({ level, message, timestamp: new Date(now()).toISOString(), ...fields }))
  const loud = (level: string, message: string, fields: object) => {
    record(level, message, fields)
    print(printable(`${clockTime(now())}  ${message}`))
  }
  return {
    functionLine: (functionName, line) => {
      writeLog(logRecord(line) ? line : JSON.stringify({ function: functionName, message: line }))
      const shown = consoleLine(functionName, line, now())
      if (shown !== undefined) print(shown)
    },
    fault: (where, error) => loud('ERROR', `${where}: ${errorText(error)}`, { trace: stackOf(error) }),
    deadLetter: (functionName, event, error) =>
      loud('ERROR', `dead letter: ${errorText(error)}`, {
        function: functionName,
        event,
        trace: stackOf(error),
      }),
    note: (message, fields) => loud('INFO', message, fields),
    accessDenied: (refusal) => record('WARN', 'refused', refusal),
    debug: (message, fields) => record('DEBUG', message, fields),
  }
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function stackOf(error: unknown): string | undefined {
  if (error instanceof InvocationError) return error.trace
  return error instanceof Error ? error.stack : undefined
}

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

const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/** Text that may go to a terminal: control, format and unpaired surrogate characters are written as `\u{…}`. */
export function printable(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
}
