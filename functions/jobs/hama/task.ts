import { runOfTask } from '#shared/domain/ids.ts'
import { isPollable, taskEndedAt, taskState } from '#shared/domain/records/run-record.ts'
import type { View } from '#shared/read/view.ts'
import { failure, uncachedResponse } from './answers.ts'

/** What the first page of a task's result says. */
interface TaskResult {
  readonly failed: readonly { readonly key: string }[]
}

/** How a preload stands: `pending`, `running`, or how it ended, with the symbols that failed. */
export const taskStatus: View = async ({ parameters, now }, look) => {
  const id = parameters['task_id'] ?? ''
  const runId = runOfTask(id, look.job)
  const run = runId === undefined ? undefined : await look.run(runId)
  if (!run?.task || !isPollable(run, now)) return failure(404, 'unknown task')
  const { symbols } = JSON.parse(run.task.params) as { readonly symbols: readonly string[] | null }
  const { counts } = run
  const endedAt = taskEndedAt(run, now)
  const result = run.task.pages ? ((await look.page(run.id, 0)) as TaskResult | undefined) : undefined
  return uncachedResponse(
    {
      task_id: id,
      status: taskState(run, now).toLowerCase(),
      total: symbols?.length ?? counts?.planned ?? null,
      success: counts ? counts.planned - counts.failed : 0,
      failed: counts?.failed ?? 0,
      failed_symbols: result?.failed.map(({ key }) => key) ?? [],
      duration: endedAt === undefined ? null : (endedAt - run.startedAt) / 1_000,
    },
    now,
    false,
  )
}
