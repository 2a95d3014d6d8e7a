import type { RefreshError } from '#shared/domain/errors.ts'
import { type Counts, type Outcome, skippedOutcome } from '#shared/domain/outcome.ts'
import type { KeyResult } from './context.ts'

/** The one outcome that follows from what became of the keys. Pure. */
export function conclude(results: readonly KeyResult[]): Outcome {
  const count = (what: KeyResult['result']) => results.filter(({ result }) => result === what).length
  const counts: Counts = {
    planned: results.length,
    published: count('published'),
    unchanged: count('unchanged'),
    superseded: count('superseded'),
    failed: count('failed'),
  }
  const failure = mostCommonFailure(results)
  if (failure && counts.failed === counts.planned) {
    return { status: 'failed', reason: failure.reason, message: failure.message, counts }
  }
  if (failure) return { status: 'partial', reason: failure.reason, message: failure.message, counts }
  if (counts.superseded === counts.planned)
    return skippedOutcome('superseded', 'a run with a higher fence has published')
  return { status: counts.published > 0 ? 'succeeded' : 'unchanged', counts }
}

/** The first failure of the reason that most keys share. */
function mostCommonFailure(results: readonly KeyResult[]): RefreshError | undefined {
  const groups = Map.groupBy(
    results.flatMap((one) => (one.result === 'failed' ? [one.error] : [])),
    (error) => error.reason,
  )
  const largest = [...groups.values()].sort((a, b) => b.length - a.length)[0]
  return largest?.[0]
}
