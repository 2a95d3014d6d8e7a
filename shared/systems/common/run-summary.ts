interface FinishedRun {
  readonly counts: { readonly planned: number; readonly failed: number }
  readonly durationMs: number
  /** `skipped`: keys for which the provider has nothing. */
  readonly totals: Readonly<Record<string, number>>
  readonly status: string
}

/** The words of the documented line; any other end is a success. */
const RESULTS: Readonly<Record<string, string>> = { failed: 'failed', partial: 'partial' }

/**
 * The documented log line of a run of the portfolio and macro jobs, and its figures.
 *
 * @param name - the documented name of the job, such as `refresh_technical`
 * @param unit - what its keys are, as a plural: the figure `<unit>_count`
 */
export function runSummary(name: string, unit = 'symbols') {
  return ({ counts: { planned, failed }, durationMs, totals: { skipped = 0 }, status }: FinishedRun) => ({
    message: `Job '${name}' ${RESULTS[status] ?? 'success'} in ${(durationMs / 1_000).toFixed(2)}s`,
    logFields: {
      [`${unit}_count`]: planned,
      success_count: planned - failed - skipped,
      failed_count: failed,
      skipped_count: skipped,
    },
  })
}
