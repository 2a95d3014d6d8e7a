import type { Job } from '#shared/declare/job.ts'
import type { System } from '#shared/declare/system.ts'
import { SECOND_MS } from '#shared/domain/duration.ts'
import { intervalMs } from '#shared/engine/rate-limit/pacing.ts'
import type { JobModules } from './job-modules.ts'

/** Gate, lease, table and publication of a run. */
const OVERHEAD_MS = 2 * SECOND_MS

/**
 * The expected duration of a complete run without failures, in milliseconds: its calls to its first provider at the pace of
 * that provider's limits, and an overhead.
 */
export function expectedDurationMs(
  { id, upstream }: Pick<Job, 'id' | 'upstream'>,
  { upstreams }: Pick<System, 'upstreams'>,
  modules: JobModules,
): number {
  const limits = upstream === undefined ? undefined : upstreams.get(upstream)?.limits
  if (!limits) return OVERHEAD_MS
  const { retried = 0, once = 0 } = modules.get(id)?.calls.get(upstream ?? '') ?? {}
  return OVERHEAD_MS + Math.max(0, retried + once - limits.burst) * intervalMs(limits)
}
