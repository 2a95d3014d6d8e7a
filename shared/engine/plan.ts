import type { Step } from './context.ts'
import { asRefreshError } from './errors.ts'
import { contextOf, given } from './given.ts'
import { noCounts, skipped } from './outcome.ts'

/**
 * Asks the job what to fetch, over what is stored. An empty plan is a recorded skip; a plan that throws is a defect of
 * the job.
 */
export const plan: Step = async (before, work) => {
  const { key } = before.request
  const state = { ...before, given: await given(work) }
  try {
    const requests = work.refresh.plan({ ...contextOf(state, work), ...(key === undefined ? {} : { key }) })
    if (requests === 'stored') return { ...state, plan: [], isStored: true }
    const items = state.overrides?.items
    const wanted = requests
      .filter((request) => key === undefined || request.key === key)
      .filter((request) => items === undefined || items.includes(request.key))
    if (wanted.length > 0) return { ...state, plan: wanted }
    const by = items === undefined ? '' : ', under an override of the items'
    const what = `${key === undefined ? 'the plan is empty' : 'the plan does not hold the key asked for'}${by}`
    return { ...state, outcome: skipped('nothing-to-do', what) }
  } catch (error) {
    const { reason, message } = asRefreshError(error)
    return { ...state, outcome: { status: 'failed', reason, message, counts: noCounts } }
  }
}
