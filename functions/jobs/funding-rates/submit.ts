import type { SubmissionFormat } from '#functions/runtime/submission.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import { FLAG_VALUES, parseFlag } from './flags.ts'

/** A refresh with the documented flags `fast_mode` and `cache_only`, in the query or in the body. */
export const submission: SubmissionFormat = {
  parseParams: ({ query, body }) => {
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      return { error: 'expected a body of fast_mode and cache_only' }
    const members = body as Readonly<Record<string, unknown>>
    const other = Object.keys(members).find((name) => name !== 'fast_mode' && name !== 'cache_only')
    if (other !== undefined)
      return {
        error: `expected fast_mode and cache_only only, got ${JSON.stringify(other.slice(0, 50))} too`,
      }
    const fast = parseFlag(query['fast_mode'] ?? members['fast_mode'])
    const cached = parseFlag(query['cache_only'] ?? members['cache_only'])
    if (fast === undefined) return { error: `fast_mode must be one of ${FLAG_VALUES}` }
    if (cached === undefined) return { error: `cache_only must be one of ${FLAG_VALUES}` }
    return { fast_mode: fast, cache_only: cached }
  },

  responseBody: ({ taskId, now }) => ({
    status: 'success',
    message: 'Task submitted, running in the background',
    task_id: taskId,
    timestamp: isoSeconds(now),
    note: 'Asynchronous mode, poll task-status for the result',
  }),

  location: (taskId) => `/funding_monitor/task-status/${taskId}`,
}
