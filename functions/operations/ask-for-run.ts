import type { Job } from '#shared/declare/job.ts'
import type { OperationPorts } from './operation.ts'

/** Tells the bus that an operator wants a run, of the whole job or of one key of it, under an id that is promised. */
export async function askForRun(
  runId: string,
  { job, key }: { readonly job: Job; readonly key?: string | undefined },
  { bus }: Pick<OperationPorts, 'bus'>,
): Promise<void> {
  const wish = { job: job.id, cause: 'operator', runId, ...(key === undefined ? {} : { key }) } as const
  await bus.publish({ type: 'refresh.requested', detail: wish })
}
