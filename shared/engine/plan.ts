import { asRefreshError } from '#shared/domain/errors.ts'
import { noCounts, skipped } from '#shared/domain/outcome.ts'
import type { Step } from './context.ts'
import { contextOf, given } from './given.ts'
import type { Params } from './refresh.ts'

/**
 * Asks the job what to fetch, over what is stored. An empty plan is a recorded skip; a plan that throws is a defect of
 * the job. An override of the items holds for what the job would refresh by itself: whoever asks for one key, or says
 * what for, gets that.
 */
export const plan: Step = async (before, work) => {
  const { key, params = {} } = before.request
  const state = { ...before, given: await given(work) }
  try {
    const isAskedFor = key !== undefined || saysMore(params, work.job.params)
    const items = isAskedFor ? undefined : state.overrides?.items
    const requests = work.refresh.plan({
      ...contextOf(state, work),
      ...(key === undefined ? {} : { key }),
      ...(items === undefined ? {} : { items }),
    })
    if (requests === 'stored') return { ...state, plan: [], isStored: true }
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

/** Whether parameters differ from what they are unless said. */
function saysMore(params: Params, usual: Params): boolean {
  return Object.entries(params).some(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(usual[name] ?? null),
  )
}
