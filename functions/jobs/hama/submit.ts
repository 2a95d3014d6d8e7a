import type { SubmissionShape } from '#functions/submit/submission-shape.ts'
import { isProblem, symbolsFrom } from './symbols.ts'

const TASKS = '/api/gainer-analysis/tasks'
const MOST = 200

/** Preloading: symbols in whatever order are the same work. */
export const submission: SubmissionShape = {
  params: ({ body }) => {
    const symbols = symbolsFrom((body as { symbols?: unknown } | null)?.symbols, MOST)
    return isProblem(symbols) ? symbols : { symbols: symbols.toSorted() }
  },

  answer: ({ taskId, params }) => ({
    code: 1,
    msg: 'success',
    data: {
      task_id: taskId,
      status: 'pending',
      total: (params['symbols'] as readonly string[]).length,
      status_url: `${TASKS}/${taskId}`,
    },
  }),

  location: (taskId) => `${TASKS}/${taskId}`,
}
