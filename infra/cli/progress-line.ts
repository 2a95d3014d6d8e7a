/** Where progress is written: the error output of a process. */
interface Output {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** Without a terminal a line is written at most this often. */
const PLAIN_INTERVAL_MS = 5_000

const CLEAR_LINE = '\r\u001b[2K'

/**
 * One line about work that goes on. On a terminal it is rewritten, and cleared at the end. Without one, it is a line of its own
 * when it has changed, at most every five seconds.
 */
export class ProgressLine {
  readonly #output: Output
  readonly #now: () => number
  #last = ''
  #writtenAt = Number.NEGATIVE_INFINITY

  /** @param now - milliseconds since the epoch */
  constructor(output: Output, now: () => number = Date.now) {
    this.#output = output
    this.#now = now
  }

  show(text: string): void {
    if (text === this.#last) return
    if (this.#output.isTTY) this.#output.write(`${CLEAR_LINE}${text}`)
    else if (this.#now() - this.#writtenAt < PLAIN_INTERVAL_MS) return
    else this.#output.write(`${text}\n`)
    this.#last = text
    this.#writtenAt = this.#now()
  }

  clear(): void {
    if (this.#output.isTTY && this.#last !== '') this.#output.write(CLEAR_LINE)
    this.#last = ''
  }
}
