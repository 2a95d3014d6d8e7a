import { clockTime, consoleLine, logRecord } from './human-line.ts'
import { InvocationError } from './invocation-error.ts'
import { printable } from './printable.ts'

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
