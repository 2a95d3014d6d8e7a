import { EVENT_SOURCE } from '#shared/adapters/event-bridge.ts'
import type { Job } from '#shared/declare/job.ts'
import { triggeringInputs } from '#shared/engine/gate/input-triggers.ts'
import type { PutEvent } from './endpoint.ts'

interface LocalBusOptions {
  readonly jobs: readonly Pick<Job, 'id' | 'run' | 'off' | 'schedule' | 'inputs' | 'follows'>[]
  readonly region: string
  /** Invokes a function without waiting for it. */
  readonly deliver: (functionName: string, event: object) => void
  /** Told of events that no rule matches. */
  readonly onUnmatched: (event: PutEvent) => void
}

/**
 * The rules of the bus on this machine: `refresh.requested` goes to the function that runs the job it names, and
 * `dataset.refreshed` once to each function that runs jobs which read it.
 */
export function localBus({ jobs, region, deliver, onUnmatched }: LocalBusOptions) {
  return (event: PutEvent): void => {
    const targets = event.source === EVENT_SOURCE ? targetsOf(event, jobs) : []
    for (const target of targets) deliver(target, envelope(event, region))
    if (targets.length === 0) onUnmatched(event)
  }
}

function targetsOf({ detailType, detail }: PutEvent, jobs: LocalBusOptions['jobs']): readonly string[] {
  const { job: named, key } = (detail ?? {}) as { job?: unknown; key?: unknown }
  switch (detailType) {
    case 'refresh.requested':
      return jobs
        .filter(({ id }) => id === named)
        .map((job) => (key === undefined ? functionNameFor(job) : `job-${job.id}`))
    case 'dataset.refreshed': {
      const readers = jobs.filter(
        (job) => job.off === undefined && triggeringInputs(job).some((input) => input === named),
      )
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

/** The name of the function that the schedule and the bus lead to: that of the job, or where tasks are submitted. */
export function functionNameFor({ id, run }: Pick<Job, 'id' | 'run'>): string {
  return run.mode === 'task' ? 'submit' : `job-${id}`
}
