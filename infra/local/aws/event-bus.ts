import { activeJobs } from '#infra/definitions/cadence.ts'
import { EVENT_SOURCE } from '#shared/adapters/event-bridge.ts'
import type { Job } from '#shared/declare/job.ts'
import { followsKeys, triggeringInputs } from '#shared/engine/gate/input-triggers.ts'
import type { PutEvent } from './endpoint.ts'

type BusJob = Pick<Job, 'id' | 'run' | 'off' | 'schedule' | 'inputs' | 'follows' | 'keys'>

interface LocalBusOptions {
  readonly jobs: readonly BusJob[]
  readonly region: string
  /** Invokes a function without waiting for it. */
  readonly deliver: (functionName: string, event: object) => void
  /** Called with each event that no rule matches. */
  readonly onUnmatched: (event: PutEvent) => void
}

/**
 * The local rules of the bus: `refresh.requested` invokes the function of its job, and `dataset.refreshed` once each
 * function whose jobs read that dataset.
 */
export function localBus({ jobs, region, deliver, onUnmatched }: LocalBusOptions) {
  return (event: PutEvent): void => {
    const targets = event.source === EVENT_SOURCE ? targetsOf(event, jobs) : []
    for (const target of targets) deliver(target, envelope(event, region))
    if (targets.length === 0) onUnmatched(event)
  }
}

function targetsOf({ detailType, detail }: PutEvent, jobs: readonly BusJob[]): readonly string[] {
  const { job: jobId, key } = (detail ?? {}) as { job?: unknown; key?: unknown }
  switch (detailType) {
    case 'refresh.requested':
      return jobs
        .filter(({ id }) => id === jobId)
        .map((job) => (key === undefined ? functionNameFor(job) : `job-${job.id}`))
    case 'dataset.refreshed': {
      const readers = activeJobs(jobs)
        .filter((job) => triggeringInputs(job).some((input) => input === jobId))
        // a run of one key is no task
        .filter((job) => key === undefined || (job.run.mode === 'plain' && followsKeys(job, jobs)))
      return [...new Set(readers.map(functionNameFor))]
    }
    default:
      return []
  }
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html */
function envelope({ id, source, detailType, detail, time }: PutEvent, region: string): object {
  return {
    version: '0',
    id,
    'detail-type': detailType,
    source,
    account: '000000000000',
    time,
    region,
    resources: [],
    detail,
  }
}

/** The function that the schedule and the bus invoke for a job: its own, or `submit` for tasks. */
export function functionNameFor({ id, run }: Pick<Job, 'id' | 'run'>): string {
  return run.mode === 'task' ? 'submit' : `job-${id}`
}
