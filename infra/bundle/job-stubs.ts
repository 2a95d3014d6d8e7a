import { RefreshError } from '#shared/domain/errors.ts'
import type { Secrets } from '#shared/domain/ports/secrets.ts'

/** Replaces the SSM client in the bundles of jobs whose upstreams have no secret. */
export function ssmSecrets(): Secrets {
  return {
    get: (parameter) =>
      Promise.reject(
        new RefreshError(
          'secret',
          `expected no secret to be read, got a read of ${parameter}: this bundle has no SSM client`,
        ),
      ),
  }
}

/**
 * Replaces the steps of tasks in the bundles of jobs with plain runs.
 *
 * @throws {TypeError} always: such a job has no state machine that could ask for a step
 */
export function runTaskStep(): never {
  throw new TypeError(
    'expected no step of a task: runs of this job are plain, and its bundle has no task steps',
  )
}

/**
 * Replaces the arithmetic of cron expressions in the bundles of jobs whose schedules have equal gaps.
 *
 * @throws {TypeError} always: synthesis refuses settings that give such a job another kind of schedule
 */
export function previousOccurrence(): never {
  throw new TypeError(
    'expected a schedule of equal gaps, got a cron expression: the bundle of this job cannot compute its ticks',
  )
}

/**
 * Replaces the publication of items in the bundles of jobs that store a snapshot.
 *
 * @throws {TypeError} always: the declaration of such a job names the other way
 */
/**
 * Replace the publication of snapshots in the bundles of jobs that store items.
 *
 * @throws {TypeError} always: the declaration of such a job names the other way
 */
export {
  refusePublication as fetchAndPublishItems,
  refusePublication as failedMembers,
  refusePublication as fetchAndPublishSnapshot,
  refusePublication as fetchMembers,
  refusePublication as publishSnapshot,
}

function refusePublication(): never {
  throw new TypeError('expected the way of storing that the job declares: its bundle has no other')
}
