/** Why the local system cannot start: one line per cause, with expected, got and what to do. The process exits with 1. */
export class StartError extends Error {
  override readonly name = 'StartError'
  readonly lines: readonly string[]

  constructor(lines: readonly string[], options?: ErrorOptions) {
    super(lines.join('\n'), options)
    this.lines = lines
  }
}

type Close = () => void | Promise<void>

/** The steps that close what was opened; the last one opened closes first. */
export class Shutdown {
  readonly #steps: Close[] = []

  add(close: Close): void {
    this.#steps.push(close)
  }

  /**
   * Runs every step once. A failed step does not stop the others.
   *
   * @throws {AggregateError} with the errors of the failed steps
   */
  async run(): Promise<void> {
    const errors: unknown[] = []
    for (let close = this.#steps.pop(); close; close = this.#steps.pop()) {
      try {
        await close()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'some resources could not be closed')
  }
}
