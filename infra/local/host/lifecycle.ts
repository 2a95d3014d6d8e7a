/** Why the local run cannot start: one line per cause, each naming what was expected and what to do. Ends with exit 1. */
export class StartError extends Error {
  override readonly name = 'StartError'
  readonly lines: readonly string[]

  constructor(lines: readonly string[], options?: ErrorOptions) {
    super(lines.join('\n'), options)
    this.lines = lines
  }
}

/** What has been opened and has to be ended, the last first. */
export interface Shutdown {
  add(end: () => void | Promise<void>): void
  /**
   * Ends everything, once.
   *
   * @throws {AggregateError} with what could not be ended; the rest is
   */
  run(): Promise<void>
}

/** An empty pile of endings. */
export function createShutdown(): Shutdown {
  const pile: (() => void | Promise<void>)[] = []
  return {
    add: (end) => {
      pile.push(end)
    },
    run: async () => {
      const errors: unknown[] = []
      for (let end = pile.pop(); end; end = pile.pop()) {
        try {
          await end()
        } catch (error) {
          errors.push(error)
        }
      }
      if (errors.length > 0) throw new AggregateError(errors, 'not everything could be ended')
    },
  }
}
