import type { Job } from '#shared/declare/job.ts'
import type { Params } from '#shared/domain/json.ts'
import type { OperationPorts } from './operation.ts'

/** What an operator wants a run of: the whole job, one key of it, or what the parameters of its tasks say. */
export interface RunTarget {
  readonly job: Job
  readonly key?: string | undefined
  readonly params?: Params | undefined
}

/** Tells the bus that an operator wants a run, under an id that is promised. */
export async function requestRun(
  runId: string,
  { job, key, params }: RunTarget,
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
