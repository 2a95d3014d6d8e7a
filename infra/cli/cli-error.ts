/** Exit codes, for scripts. */
export const EXIT = {
  ok: 0,
  /** The request was refused, or the system did not answer. */
  failed: 1,
  /** An unknown command, a wrong option or argument. */
  usage: 2,
  /** `explain`: the data are stale. */
  stale: 10,
  /** `explain`: the data are too old to be served, or were never published. */
  gone: 11,
} as const

/** What the exit codes of a command mean, beside 0, 1 and 2, which mean the same for all. */
export const OWN_EXIT_CODES: Readonly<Record<string, string>> = {
  explain: `${EXIT.ok}: the data are fresh; ${EXIT.stale}: stale; ${EXIT.gone}: too old to be served, or never published`,
  trigger: `${EXIT.failed}: also when the run of --wait has failed or was abandoned`,
  smoke: `${EXIT.failed}: also when a check has failed`,
}

/** A failure that the user can act on. */
export class CliError extends Error {
  override readonly name = 'CliError'
  /** What to do next. */
  readonly hint: string | undefined
  readonly exitCode: number | undefined

  constructor(
    message: string,
    { hint, exitCode }: { hint?: string; exitCode?: number } = {},
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.hint = hint
    this.exitCode = exitCode
  }
}
