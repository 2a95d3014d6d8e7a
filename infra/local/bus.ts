import type { Job } from '#shared/declare/job.ts'
import type { PutEvent } from './aws-endpoint.ts'
import { runnerOf } from './runner-of.ts'

interface BusChoices {
  readonly jobs: readonly Pick<Job, 'id' | 'run'>[]
  readonly region: string
  /** Invokes a function without waiting for it. */
  readonly deliver: (functionName: string, event: object) => void
  /** Told of events that no rule matches. */
  readonly onUnmatched: (event: PutEvent) => void
}

/** The rules of the bus on this machine: `refresh.requested` goes to the function that runs the job it names. */
export function localBus({ jobs, region, deliver, onUnmatched }: BusChoices) {
  return (event: PutEvent): void => {
    const named = (event.detail as { job?: unknown } | null)?.job
    const isRequest = event.source === 'freshet' && event.detailType === 'refresh.requested'
    const job = isRequest ? jobs.find(({ id }) => id === named) : undefined
    const isOfKey = (event.detail as { key?: unknown } | null)?.key !== undefined
    if (job) deliver(isOfKey ? `job-${job.id}` : runnerOf(job), envelope(event, region))
    else onUnmatched(event)
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
