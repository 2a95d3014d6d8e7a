import { asRefreshError, RefreshError } from '#shared/domain/errors.ts'
import type { ReviewSummary } from '../model/review.ts'

const WITHHELD = 'details are withheld, because they may be personal'

/**
 * An error about bodies of a provider that sends personal data, without any part of them: its own message, its cause and
 * the paths of its issues may quote values. What remains is its reason, and the types that the schema expects.
 */
export function withheldError(thrown: unknown): RefreshError {
  const { reason, retryable, scope, isExplicit, cause } = asRefreshError(thrown)
  const { issues = [] } = (cause ?? thrown ?? {}) as { issues?: unknown }
  const types = Array.isArray(issues) ? [...new Set(issues.flatMap(expectedType))] : []
  const expected = types.length === 0 ? '' : `expected ${types.join(', ')}; `
  return new RefreshError(reason, `${SUMMARY[reason] ?? ''}${expected}${WITHHELD}`, {
    retryable,
    scope,
    isExplicit,
  })
}

const SUMMARY: Partial<Record<RefreshError['reason'], string>> = {
  malformed: 'the body does not match its schema: ',
  rejected: 'the value is not plausible: ',
  defect: 'the functions of the job failed: ',
}

/** The type that a schema states in an issue; it never depends on the body. */
function expectedType(issue: { readonly expected?: unknown }): string[] {
  return typeof issue.expected === 'string' ? [issue.expected] : []
}

/** A review without the names of rows and the reasons, which may quote values. */
export function withheldReview({ lost, distrusted }: ReviewSummary): ReviewSummary {
  return {
    lost,
    names: [],
    distrusted: distrusted.length === 0 ? [] : [`a list, whose ${WITHHELD}`],
    ...(lost === 0 ? {} : { firstLoss: WITHHELD }),
  }
}
