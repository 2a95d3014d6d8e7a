import { errorMessage } from '#shared/domain/text.ts'
import { isoText } from '#shared/domain/time.ts'
import { InvocationError } from '../functions/function-worker.ts'
import { parseObject } from '../host/files.ts'

interface ConsoleOptions {
  /** Prints one line on the terminal. */
  readonly print: (line: string) => void
  /** Appends one line of JSON to the log file. */
  readonly writeLog: (line: string) => void
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** The terminal and the log file of the local system: every event is logged, the important ones are printed too. */
export class LocalConsole {
  readonly #options: ConsoleOptions

  constructor(options: ConsoleOptions) {
    this.#options = options
  }

  /** A line that a function wrote. Printed when it is a run's outcome, a change by an operator, a warning or an error. */
  functionLine(functionName: string, line: string): void {
    const { print, writeLog, now } = this.#options
    writeLog(parseObject(line) ? line : JSON.stringify({ function: functionName, message: line }))
    const text = consoleLine(functionName, line, now())
    if (text !== undefined) print(text)
  }

  /** An error outside of the functions. */
  fault(component: string, error: unknown): void {
    this.#report('ERROR', `${component}: ${errorMessage(error)}`, { trace: stackOf(error) })
  }

  /** A failed asynchronous invocation, whose event is in the queue of failed runs. */
  deadLetter(functionName: string, event: object, error: unknown): void {
    const fields = { function: functionName, event, trace: stackOf(error) }
    this.#report('ERROR', `dead letter: ${errorMessage(error)}`, fields)
  }

  note(message: string, fields: object): void {
    this.#report('INFO', message, fields)
  }

  /** A request that the authorizer denied. Only logged: a client could flood the terminal. */
  accessDenied(request: object): void {
    this.#log('WARN', 'access denied', request)
  }

  debug(message: string, fields: object): void {
    this.#log('DEBUG', message, fields)
  }

  #report(level: string, message: string, fields: object): void {
    const { print, now } = this.#options
    this.#log(level, message, fields)
    print(printable(`${clockTime(now())}  ${message}`))
  }

  #log(level: string, message: string, fields: object): void {
    const { writeLog, now } = this.#options
    writeLog(JSON.stringify({ level, message, timestamp: isoText(now()), ...fields }))
  }
}

function stackOf(error: unknown): string | undefined {
  if (error instanceof InvocationError) return error.trace
  return error instanceof Error ? error.stack : undefined
}

const PRINTED_LEVELS = ['WARN', 'ERROR', 'CRITICAL']
const MAX_LINE_LENGTH = 500

/**
 * One line for the terminal from one line of a function: the outcome of a run, a change by an operator (a record with
 * `actor`), a warning, an error, or text that is no log record. Control characters cannot steer the terminal.
 *
 * @param now - the time of lines without a timestamp; milliseconds since the epoch
 * @returns `undefined` for metrics and for records that are only logged
 */
function consoleLine(functionName: string, line: string, now: number): string | undefined {
  const record = parseObject(line)
  if (!record) return line.trim() === '' ? undefined : columns(clockTime(now), functionName, line)
  if ('_aws' in record) return undefined
  const { timestamp, job, subject, outcome, actor, action, level, message, detail } = record
  const time = clockTime(typeof timestamp === 'string' ? Date.parse(timestamp) : now)
  const source = String(job ?? subject ?? functionName)
  const text = [...new Set([message, detail])].filter(isText).join(': ')
  if (isText(outcome)) return columns(time, source, ...outcomeColumns(outcome, record, text))
  if (PRINTED_LEVELS.includes(String(level))) return columns(time, source, String(level), text)
  if (isText(actor)) return columns(time, source, isText(action) ? action : 'operator', `${text} by ${actor}`)
  return undefined
}

/** The message of a run says that it updated the data, so a run that found them `unchanged` shows only its detail. */
function outcomeColumns(outcome: string, record: Record<string, unknown>, text: string): string[] {
  const { reason, duration_ms: duration, detail } = record
  const status = typeof reason === 'string' ? `${outcome} (${reason})` : outcome
  const shownText = outcome === 'unchanged' ? String(detail ?? '') : text
  return [status, durationColumn(duration), shownText]
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** Local time of day: `14:03:07`. */
function clockTime(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toTimeString().slice(0, 8) : '--:--:--'
}

function columns(...parts: readonly string[]): string {
  const text = printable(parts.filter((part) => part !== '').join('  '))
  return text.length <= MAX_LINE_LENGTH ? text : `${text.slice(0, MAX_LINE_LENGTH)}…`
}

function durationColumn(ms: unknown): string {
  if (typeof ms !== 'number') return ''
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
}

const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/** Text that is safe on a terminal: control, format and unpaired surrogate characters are written as `\u{…}`. */
export function printable(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
}
