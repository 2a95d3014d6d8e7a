import type { SubmissionFormat } from '#functions/runtime/submission.ts'
import { isInvalid, parseSymbols } from './symbols.ts'

const TASKS_PATH = '/api/gainer-analysis/tasks'
const MAX_SYMBOLS = 200

/** A preload. Requests for the same symbols in different orders are the same work. */
export const submission: SubmissionFormat = {
  parseParams: ({ body }) => {
    const { symbols: listed, ...others } = (body ?? {}) as Readonly<Record<string, unknown>>
    const [other] = Object.keys(others)
    if (other !== undefined) return { error: `expected no member ${JSON.stringify(other.slice(0, 50))}` }
    const symbols = parseSymbols(listed, MAX_SYMBOLS)
    return isInvalid(symbols) ? symbols : { symbols: symbols.toSorted() }
  },

  responseBody: ({ taskId, params }) => ({
    code: 1,
    msg: 'success',
    data: {
      task_id: taskId,
      status: 'pending',
      total: (params['symbols'] as readonly string[]).length,
      status_url: `${TASKS_PATH}/${taskId}`,
    },
  }),

  location: (taskId) => `${TASKS_PATH}/${taskId}`,
}
