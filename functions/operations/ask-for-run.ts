import type { Job } from '#shared/declare/job.ts'
import type { Params } from '#shared/engine/refresh.ts'
import type { OperationPorts } from './operation.ts'

/** What an operator wants a run of: the whole job, one key of it, or what the parameters of its tasks say. */
export interface WantedRun {
  readonly job: Job
  readonly key?: string | undefined
  readonly params?: Params | undefined
}

/** Tells the bus that an operator wants a run, under an id that is promised. */
export async function askForRun(
  runId: string,
  { job, key, params }: WantedRun,
  { bus }: Pick<OperationPorts, 'bus'>,
): Promise<void> {
  const wish = {
    job: job.id,
    cause: 'operator',
    runId,
    ...(key === undefined ? {} : { key }),
    ...(params === undefined ? {} : { params }),
  } as const
  await bus.publish({ type: 'refresh.requested', detail: wish })
}
